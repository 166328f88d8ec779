using System.Security.Cryptography;
using Koubou.Contracts;
using Koubou.Scheduler.Stores;
using Koubou.ServiceDefaults.Home;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Artifacts;

/// <summary>
/// Files by the hash of their content: <c>artifacts/ab/cdef…</c>, each once. Beside each lies a list of the tasks that may
/// name it, written before their records are; the records decide in the end.
/// </summary>
internal sealed partial class ArtifactStore
{
    private const string OwnersEnding = ".tasks";
    private const string NewFolder = "new";

    // Between "it is there already" and "nobody wants it any more" only one may act.
    private readonly Lock _gate = new();
    private readonly ArtifactOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ArtifactStore> _logger;
    private readonly string _root;
    private long _totalBytes = -1;

    public ArtifactStore(
        KoubouHome home, IOptions<ArtifactOptions> options, TimeProvider time, ILogger<ArtifactStore> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _root = Path.GetFullPath(_options.Folder.Length > 0 ? _options.Folder : Path.Combine(home.Root, "artifacts"));
    }

    /// <summary>Keeps a content. The same content again costs nothing but the look at it.</summary>
    /// <exception cref="ArtifactRefusedException">It is not acceptable.</exception>
    /// <exception cref="ArtifactsFullException">There is no room.</exception>
    /// <exception cref="StoreUnusableException">The disk does not take it.</exception>
    public async Task<Artifact> PutAsync(
        Artifact? asked, IAsyncEnumerable<ReadOnlyMemory<byte>> content, CancellationToken cancellation)
    {
        var faults = ArtifactRules.FindFaults(asked, _options.FileBytesMax);
        if (faults.Count > 0)
        {
            throw new ArtifactRefusedException(faults);
        }

        DemandRoom(asked!.SizeBytes);
        var file = Path.Combine(_root, NewFolder, Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var (hash, bytes) = await WriteAsync(file, content, cancellation);
            if (asked.Sha256.Length > 0 && asked.Sha256 != hash)
            {
                throw new ArtifactRefusedException(
                    new Submission.Fault("artifact.sha256", $"is not the hash of the bytes that came, {hash}"));
            }

            Settle(file, hash, bytes);
            return new Artifact { Name = asked.Name, MediaType = asked.MediaType, SizeBytes = bytes, Sha256 = hash };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Notes that a task is about to name these, and returns those that are here.</summary>
    /// <exception cref="StoreUnusableException">The disk does not take it.</exception>
    public IReadOnlyList<Artifact> Refer(string taskId, IEnumerable<Artifact> artifacts)
    {
        var kept = new List<Artifact>();
        lock (_gate)
        {
            foreach (var artifact in artifacts)
            {
                if (!ArtifactHash.IsHash(artifact.Sha256) || !File.Exists(PathOf(artifact.Sha256)))
                {
                    LogNotHere(_logger, taskId, artifact.Name);
                    continue;
                }

                AddOwner(PathOf(artifact.Sha256), taskId);
                kept.Add(artifact);
            }
        }

        return kept;
    }

    /// <summary>The content from its beginning, or null when it is not here.</summary>
    public FileStream? Open(Artifact artifact)
    {
        if (!ArtifactHash.IsHash(artifact.Sha256))
        {
            return null;
        }

        try
        {
            return new FileStream(
                PathOf(artifact.Sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, useAsync: true);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes what no task names any more, and what was never finished. Returns how many files.</summary>
    /// <param name="names">Whether this task's record names this hash.</param>
    /// <param name="cancellation">Ends the cleaning between two files.</param>
    public async Task<int> SweepAsync(Func<string, string, Task<bool>> names, CancellationToken cancellation)
    {
        var before = _time.GetUtcNow().UtcDateTime - _options.UnreferencedAfter;
        var removed = 0;
        var bytes = 0L;
        foreach (var file in Files())
        {
            cancellation.ThrowIfCancellationRequested();
            if (file.LastWriteTimeUtc < before && !await IsNamedAsync(file, names) && TryRemove(file.FullName, before))
            {
                removed++;
            }
            else
            {
                bytes += file.Exists ? file.Length : 0;
            }
        }

        Interlocked.Exchange(ref _totalBytes, bytes);
        SweepUnfinished(before);
        return removed;
    }

    private static async Task<bool> IsNamedAsync(FileInfo file, Func<string, string, Task<bool>> names)
    {
        var owners = file.FullName + OwnersEnding;
        if (!File.Exists(owners))
        {
            return false;
        }

        var hash = file.Directory!.Name + file.Name;
        foreach (var task in (await File.ReadAllLinesAsync(owners)).Distinct(StringComparer.Ordinal))
        {
            if (await names(task, hash))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<(string Hash, long Bytes)> WriteAsync(
        string file, IAsyncEnumerable<ReadOnlyMemory<byte>> content, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024, useAsync: true);
        var bytes = 0L;
        await foreach (var piece in content.WithCancellation(cancellation))
        {
            bytes += piece.Length;
            if (bytes > _options.FileBytesMax)
            {
                throw new ArtifactRefusedException(ArtifactRules.TooLarge(_options.FileBytesMax));
            }

            hash.AppendData(piece.Span);
            await stream.WriteAsync(piece, cancellation);
        }

        // A record must never name what a power cut takes away.
        stream.Flush(flushToDisk: true);
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
    }

    private void Settle(string file, string hash, long bytes)
    {
        var path = PathOf(hash);
        lock (_gate)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path))
            {
                File.Move(file, path);
                Interlocked.Add(ref _totalBytes, bytes);
            }

            // Also for what was here: its next owner has not reported yet.
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        }
    }

    private void AddOwner(string path, string taskId)
    {
        try
        {
            using var owners = new FileStream(path + OwnersEnding, FileMode.Append, FileAccess.Write, FileShare.Read);
            owners.Write(System.Text.Encoding.ASCII.GetBytes(taskId + "\n"));
            owners.Flush(flushToDisk: true);
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
    }

    private bool TryRemove(string path, DateTime before)
    {
        lock (_gate)
        {
            // Somebody may have brought it again while its owners were asked.
            if (!File.Exists(path) || File.GetLastWriteTimeUtc(path) >= before)
            {
                return false;
            }

            File.Delete(path);
            File.Delete(path + OwnersEnding);
            return true;
        }
    }

    private void SweepUnfinished(DateTime before)
    {
        var unfinished = new DirectoryInfo(Path.Combine(_root, NewFolder));
        foreach (var file in unfinished.Exists ? unfinished.EnumerateFiles() : [])
        {
            // By the machine's clock: these are no one's but the file system's.
            if (file.LastWriteTimeUtc < before)
            {
                file.Delete();
            }
        }
    }

    private void DemandRoom(long bytes)
    {
        if (Interlocked.Read(ref _totalBytes) < 0)
        {
            Interlocked.CompareExchange(ref _totalBytes, Files().Sum(file => file.Length), -1);
        }

        if (Interlocked.Read(ref _totalBytes) + bytes > _options.TotalBytesMax)
        {
            throw new ArtifactsFullException(
                $"The artifacts fill the {_options.TotalBytesMax:N0} bytes that they may have. Delete finished tasks, or raise "
                + $"{ArtifactOptions.Section}:{nameof(_options.TotalBytesMax)}.");
        }
    }

    private IEnumerable<FileInfo> Files() => Directory.Exists(_root)
        ? new DirectoryInfo(_root).EnumerateDirectories("??").SelectMany(folder => folder.EnumerateFiles())
            .Where(file => file.Extension != OwnersEnding)
        : [];

    private string PathOf(string hash) => Path.Combine(_root, hash[..2], hash[2..]);

    private StoreUnusableException Unusable(Exception exception) => new(
        $"The artifacts in {_root} cannot be written: {exception.Message} Make room on the disk, or let the scheduler write "
        + "there.", exception);

    [LoggerMessage(LogLevel.Warning, "{TaskId} names the artifact '{Name}', which was never brought; it is left out")]
    private static partial void LogNotHere(ILogger logger, string taskId, string name);
}
