using Koubou.Gateway.Rest.Native.Operations;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>One page of batches, newest first.</summary>
/// <param name="Nodes">The batches of this page.</param>
/// <param name="PageInfo">How to go on.</param>
internal sealed record BatchConnection(IReadOnlyList<BatchView> Nodes, PageInfo PageInfo);
