using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native;

/// <summary>One page of tasks.</summary>
/// <param name="Tasks">Newest first unless asked otherwise.</param>
/// <param name="NextPageToken">Give it as <c>page_token</c> for the next page; null: no more.</param>
/// <param name="Total">How many match in all.</param>
/// <param name="TotalIsExact">False: at least that many.</param>
public sealed record TaskPage(IReadOnlyList<TaskView> Tasks, string? NextPageToken, long Total, bool TotalIsExact)
{
    private const int TotalCountedMax = 10_000;

    internal static TaskPage Of(ListReply reply, bool includeOutput) => new(
        [.. reply.Tasks.Select(record => TaskView.Of(record, includeOutput))],
        reply.NextPageToken.OrNull(),
        Math.Min(reply.Total, TotalCountedMax),
        reply.Total <= TotalCountedMax);
}
