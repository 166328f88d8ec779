using System.Security.Cryptography;
using Koubou.Gateway.Binding;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Keys;

/// <summary>
/// The keys that open this gateway: those of configuration, and those of the home's file, which is read again when it
/// changes. Of both only hashes are kept. What is kept is swapped whole, so that a request sees one state of it.
/// </summary>
internal sealed partial class KeyRing(
    IReadOnlyList<HeldKey> configured, KeyFile file, DoorPlan plan, TimeProvider time, ILogger<KeyRing> logger) : IDisposable
{
    // Compared with when no key has the id, so that both cases take the same time.
    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    private readonly Lock _lock = new();
    private Snapshot _current = new(null, new Dictionary<string, HeldKey>(), HasFile: false);

    /// <summary>
    /// Whether a request needs a key. Once the file is there it does, even when its last key was revoked: taking a key
    /// away must not open a door. Where others can reach a door, it does in any case.
    /// </summary>
    public bool IsRequired
    {
        get
        {
            // The first key shuts the doors at once, not at the next look.
            if (!_current.HasFile)
            {
                Refresh();
            }

            return configured.Count > 0 || _current.HasFile || !plan.IsLoopback;
        }
    }

    /// <summary>Every key, those of configuration first.</summary>
    public IReadOnlyList<HeldKey> All => [.. configured, .. _current.Keys.Values.OrderBy(key => key.CreatedAt)];

    /// <summary>The key, or null when it is not one of ours or has expired.</summary>
    public HeldKey? Find(string presented)
    {
        var key = FindConfigured(presented) ?? FindMade(presented);
        return key is null || key.IsExpired(time.GetUtcNow()) ? null : key;
    }

    /// <summary>Reads the file again if it changed, and shuts what revoked and expired keys hold open.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            var stamp = file.Stamp;
            if (stamp != _current.Stamp)
            {
                Replace(stamp);
            }

            var now = time.GetUtcNow();
            foreach (var key in All.Where(key => key.IsExpired(now) && !key.Gone.IsCancellationRequested))
            {
                key.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var key in All)
        {
            key.Dispose();
        }
    }

    private HeldKey? FindConfigured(string presented)
    {
        var hash = KeyText.Hash(presented);
        HeldKey? found = null;
        foreach (var key in configured)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash))
            {
                found = key;
            }
        }

        return found;
    }

    private HeldKey? FindMade(string presented)
    {
        if (!KeyText.TryParse(presented, out var id, out var secret))
        {
            return null;
        }

        if (!_current.Keys.TryGetValue(id, out var key))
        {
            // Perhaps it was made a moment ago.
            Refresh();
            key = _current.Keys.GetValueOrDefault(id);
        }

        var same = CryptographicOperations.FixedTimeEquals(KeyText.Hash(secret), key?.Hash ?? NoHash);
        return same ? key : null;
    }

    private void Replace((DateTime Written, long Length)? stamp)
    {
        IReadOnlyList<StoredKey>? stored;
        try
        {
            stored = file.Read();
        }
        catch (UnusableException error)
        {
            // The keys that were good a moment ago still are; the stamp stays old, so that the mended file is seen. A file
            // that could never be read shuts the doors all the same.
            _current = _current with { HasFile = true };
            LogUnreadable(logger, error.Message);
            return;
        }

        var before = _current;
        var keys = new Dictionary<string, HeldKey>();
        foreach (var key in stored ?? [])
        {
            // The same key with the same rights keeps what it has used of its limits.
            keys[key.Id] = before.Keys.TryGetValue(key.Id, out var held) && held.Rights == key.Rights && held.Name == key.Name
                ? held
                : new HeldKey(key.Id, key.Name, Convert.FromHexString(key.Hash), key.Rights, key.CreatedAt);
        }

        _current = new Snapshot(stamp, keys, stored is not null);
        foreach (var gone in before.Keys.Values.Where(held => !ReferenceEquals(keys.GetValueOrDefault(held.Id), held)))
        {
            gone.Dispose();
        }

        LogRead(logger, keys.Count);
    }

    private sealed record Snapshot(
        (DateTime Written, long Length)? Stamp, IReadOnlyDictionary<string, HeldKey> Keys, bool HasFile);

    [LoggerMessage(LogLevel.Information, "The keys of the home were read: {Count}")]
    private static partial void LogRead(ILogger logger, int count);

    [LoggerMessage(LogLevel.Error, "{Message} The keys read before stay in force")]
    private static partial void LogUnreadable(ILogger logger, string message);
}
