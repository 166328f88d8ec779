using System.Text.Json;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.ServiceDefaults.Keys;

/// <summary>
/// The keys of a workshop, in <c>config/keys.json</c> of its home: readable by its owner alone, replaced whole, so that
/// gateways and the command line can share it. Once the file is there, keys are asked for, even when it holds none.
/// </summary>
public sealed class KeyFile(KoubouHome home, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int NameMax = 100;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    public string Path { get; } = System.IO.Path.Combine(home.Config, "keys.json");

    /// <summary>Changes whenever the file does; null when there is none.</summary>
    public (DateTime Written, long Length)? Stamp
    {
        get
        {
            var file = new FileInfo(Path);
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
        }
    }

    /// <summary>The keys, or null when there is no file. Throws <see cref="UnusableException"/> when it cannot be read.</summary>
    public IReadOnlyList<StoredKey>? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path), KeyFileJson.Default.KeyFileContent)?.Keys ?? [];
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is JsonException or UnauthorizedAccessException or IOException)
        {
            throw new UnusableException(
                $"The keys in {Path} cannot be read ({error.Message}). Mend the file or put back a copy of it; "
                + "deleting it removes all keys.",
                error);
        }
    }

    /// <summary>Makes a key. Its text is told here and never again. Throws <see cref="SettingException"/> for a bad wish.</summary>
    public async Task<(StoredKey Key, string Text)> AddAsync(
        string name, KeyRights rights, CancellationToken cancellationToken = default)
    {
        if (FindNameFault(name) is { } fault)
        {
            throw new SettingException($"name {fault}.");
        }

        var faults = rights.FindFaults().Select(found => $"{found.Field} {found.Fault}").ToList();
        if (faults.Count > 0)
        {
            throw new SettingException(string.Join("; ", faults) + ".");
        }

        var (id, text, hash) = KeyText.Create();
        var key = new StoredKey
        {
            Id = id,
            Name = name.Trim(),
            Hash = hash,
            CreatedAt = time.GetUtcNow(),
            Rights = rights,
        };
        await ChangeAsync(
            keys => keys.Any(known => known.Name.Equals(key.Name, StringComparison.OrdinalIgnoreCase))
                ? throw new SettingException(
                    $"name '{key.Name}' belongs to another key. Choose another one, because tasks are counted under it, "
                    + "or revoke the other key first.")
                : [.. keys, key],
            cancellationToken);
        return (key, text);
    }

    /// <summary>Takes a key away, by its id or its name. The key that was, or null when there was none.</summary>
    public async Task<StoredKey?> RevokeAsync(string idOrName, CancellationToken cancellationToken = default)
    {
        StoredKey? gone = null;
        await ChangeAsync(
            keys =>
            {
                gone = keys.FirstOrDefault(key => key.Id == idOrName)
                    ?? keys.FirstOrDefault(key => key.Name.Equals(idOrName, StringComparison.OrdinalIgnoreCase));
                return gone is null ? null : [.. keys.Where(key => key != gone)];
            },
            cancellationToken);
        return gone;
    }

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? FindNameFault(string? name) =>
        string.IsNullOrWhiteSpace(name) || name.Trim().Length > NameMax || name.Any(char.IsControl)
            ? $"must have 1 to {NameMax} printable characters; tasks are counted under it"
            : null;

    private async Task ChangeAsync(
        Func<IReadOnlyList<StoredKey>, IReadOnlyList<StoredKey>?> change, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(home.Config);
        await using var alone = await LockAsync(cancellationToken);
        if (change(Read() ?? []) is not { } keys)
        {
            return;
        }

        var fresh = Path + ".new";
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new KeyFileContent(keys), KeyFileJson.Default.KeyFileContent);
        File.Delete(fresh);
        await using (var file = new FileStream(fresh, OwnOptions(FileMode.CreateNew)))
        {
            await file.WriteAsync(bytes, cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, Path, overwrite: true);
    }

    // Two writers at once would each lose the other's key; the kernel lets go of the lock when its holder dies.
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + _patience;
        while (true)
        {
            try
            {
                return new FileStream(Path + ".lock", OwnOptions(FileMode.OpenOrCreate));
            }
            catch (IOException) when (time.GetUtcNow() < until)
            {
                await Task.Delay(_pause, time, cancellationToken);
            }
        }
    }

    private static FileStreamOptions OwnOptions(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }
}
