namespace Koubou.ServiceDefaults.Keys;

/// <summary>One key as it is kept: never the key itself.</summary>
public sealed record StoredKey
{
    /// <summary>The part of the key that is no secret; names it in lists and commands.</summary>
    public required string Id { get; init; }

    /// <summary>Becomes the client of the tasks that come in with this key.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the secret, in hexadecimal digits.</summary>
    public required string Hash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required KeyRights Rights { get; init; }
}
