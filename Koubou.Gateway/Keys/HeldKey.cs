using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Keys;

/// <summary>One key as this gateway holds it: its hash, its rights, and what it has used of its limits.</summary>
internal sealed class HeldKey(string id, string name, byte[] hash, KeyRights rights, DateTimeOffset? createdAt) : IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    /// <summary>Stands for callers whose key is not known where one is needed: it grants nothing.</summary>
    public static HeldKey Nobody { get; } = new("", "", [], new KeyRights { Scopes = KeyScopes.None }, null);

    public string Id { get; } = id;

    /// <summary>The client of the tasks that come in with this key.</summary>
    public string Name { get; } = name;

    /// <summary>SHA-256 of the key, or of its secret part.</summary>
    public byte[] Hash { get; } = hash;

    public KeyRights Rights { get; } = rights;

    /// <summary>Null: the key stands in configuration.</summary>
    public DateTimeOffset? CreatedAt { get; } = createdAt;

    public KeyLimits Limits { get; } = new(name, rights);

    /// <summary>Fires when the key is revoked or expires: what it opened must close.</summary>
    public CancellationToken Gone => _gone.Token;

    public bool IsExpired(DateTimeOffset now) => Rights.ExpiresAt <= now;

    public void Dispose()
    {
        _gone.Cancel();
        Limits.Dispose();
    }
}
