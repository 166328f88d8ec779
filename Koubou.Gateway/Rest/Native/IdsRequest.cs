namespace Koubou.Gateway.Rest.Native;

/// <summary>The tasks to change, at most 1,000.</summary>
public sealed record IdsRequest(IReadOnlyList<string> Ids);
