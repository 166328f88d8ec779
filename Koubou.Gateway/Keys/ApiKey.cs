namespace Koubou.Gateway.Keys;

/// <summary>One key as kept in memory: its SHA-256, never the key itself.</summary>
/// <param name="Name">Becomes the client of the tasks that come in with this key.</param>
/// <param name="Hash">SHA-256 of the key's UTF-8 bytes.</param>
internal sealed record ApiKey(string Name, byte[] Hash);
