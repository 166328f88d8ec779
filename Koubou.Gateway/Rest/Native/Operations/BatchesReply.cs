namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>One page of batches, newest first.</summary>
/// <param name="Batches">The batches of this page.</param>
/// <param name="NextPageToken">Give it back as page_token; null: no more.</param>
public sealed record BatchesReply(IReadOnlyList<BatchView> Batches, string? NextPageToken);
