namespace Koubou.Gateway.Rest.Native;

/// <summary>One page of tasks.</summary>
/// <param name="Tasks">Newest first unless asked otherwise.</param>
/// <param name="NextPageToken">Give it as <c>page_token</c> for the next page; null: no more.</param>
/// <param name="Total">How many match in all.</param>
/// <param name="TotalIsExact">False: at least that many.</param>
public sealed record TaskPage(IReadOnlyList<TaskView> Tasks, string? NextPageToken, long Total, bool TotalIsExact);
