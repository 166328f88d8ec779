namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>Where a page ends.</summary>
/// <param name="HasNextPage">Whether more match.</param>
/// <param name="EndCursor">Give it as <c>after</c> for the next page; null: no more.</param>
internal sealed record PageInfo(bool HasNextPage, string? EndCursor);
