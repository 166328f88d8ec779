namespace Koubou.Gateway.Rest.Native;

/// <summary>All tasks of a batch, in the order of the request.</summary>
public sealed record BatchReply(IReadOnlyList<ReceiptView> Tasks);
