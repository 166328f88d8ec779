namespace Koubou.Gateway.Rest.Native;

/// <summary>What became of each id, in the order of the request.</summary>
public sealed record ChangesReply(IReadOnlyList<ChangeView> Results);
