using System.Text;

namespace Koubou.Gateway.Mcp.Unread;

/// <summary>
/// Which results were handed out as ids and not yet read, kept in a file so that a restart forgets none. One line for
/// each change, the client's name last because it may hold spaces. Samples: <c>+ 0198… claude-code</c> when a task was
/// delegated, <c>- 0198… claude-code</c> when its result was read.
/// </summary>
internal sealed class UnreadJournal : IDisposable
{
    private const char Added = '+';
    private const char Removed = '-';

    private readonly Lock _lock = new();
    private readonly FileStream? _claim;
    private readonly FileStream? _file;

    private UnreadJournal(FileStream? claim, FileStream? file)
    {
        _claim = claim;
        _file = file;
    }

    /// <summary>False: another gateway keeps the journal of this home, and this one forgets its own when it stops.</summary>
    public bool IsKept => _file is not null;

    /// <summary>Reads what is open, writes it back without what was settled, and stays ready for more.</summary>
    public static UnreadJournal Open(string path, out IReadOnlyList<(string Client, string Id)> open)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var claim = Claim(path + ".lock");
        open = claim is null ? [] : Read(path);
        if (claim is null)
        {
            return new UnreadJournal(null, null);
        }

        var fresh = path + ".new";
        File.WriteAllLines(fresh, open.Select(entry => Line(Added, entry.Client, entry.Id)));
        File.Move(fresh, path, overwrite: true);
        return new UnreadJournal(claim, new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read));
    }

    public void Add(string client, IEnumerable<string> ids) => Write(Added, client, ids);

    public void Remove(string client, IEnumerable<string> ids) => Write(Removed, client, ids);

    public void Dispose()
    {
        _file?.Dispose();
        _claim?.Dispose();
    }

    // Sharing none is what .NET turns into an exclusive lock on every system.
    private static FileStream? Claim(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static List<(string Client, string Id)> Read(string path)
    {
        var open = new OrderedDictionary<(string Client, string Id), bool>();
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            // The last line may be torn by a crash; whatever has not all three parts is passed over.
            var parts = line.Split(' ', 3);
            if (parts is ["+", { Length: > 0 } added, { Length: > 0 } adder])
            {
                open.TryAdd((adder, added), true);
            }
            else if (parts is ["-", { Length: > 0 } removed, { Length: > 0 } remover])
            {
                open.Remove((remover, removed));
            }
        }

        return [.. open.Keys];
    }

    private static string Line(char sign, string client, string id) => $"{sign} {id} {client}";

    // Handed to the operating system before the caller goes on: it outlives this process, if not a power cut.
    private void Write(char sign, string client, IEnumerable<string> ids)
    {
        if (_file is null)
        {
            return;
        }

        var lines = new StringBuilder();
        foreach (var id in ids)
        {
            lines.Append(Line(sign, client, id)).Append('\n');
        }

        lock (_lock)
        {
            _file.Write(Encoding.UTF8.GetBytes(lines.ToString()));
            _file.Flush();
        }
    }
}
