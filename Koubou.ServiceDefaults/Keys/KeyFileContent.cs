namespace Koubou.ServiceDefaults.Keys;

/// <summary>What the file holds.</summary>
internal sealed record KeyFileContent(IReadOnlyList<StoredKey> Keys);
