namespace Koubou.Gateway.Rest.Native;

/// <summary>A file that the task left.</summary>
public sealed record ArtifactView(string Name, string MediaType, long SizeBytes, string Sha256);
