using Koubou.Gateway.Rest.Native;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>One page of tasks.</summary>
/// <param name="Nodes">The tasks of this page.</param>
/// <param name="PageInfo">How to go on.</param>
/// <param name="TotalCount">How many match in all.</param>
/// <param name="TotalIsExact">False: at least that many.</param>
internal sealed record TaskConnection(
    IReadOnlyList<TaskView> Nodes, PageInfo PageInfo, long TotalCount, bool TotalIsExact);
