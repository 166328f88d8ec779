using System.Collections.Immutable;
using Koubou.Contracts;

namespace Koubou.Web.Live;

/// <summary>What charts and notices show; the same object until it is read anew.</summary>
/// <param name="Hour">The last hour, minute by minute. Null: not read yet.</param>
/// <param name="Day">The last 24 hours in quarters of an hour. Null: not read yet.</param>
/// <param name="Findings">What is wrong and what mends it. Null: not read yet.</param>
public sealed record WorkshopFigures(MetricsReply? Hour, MetricsReply? Day, ImmutableArray<HealthFinding>? Findings)
{
    public static WorkshopFigures Unread { get; } = new(null, null, null);

    /// <summary>What the workshop had on record when the day was read.</summary>
    public WorkshopStatus? StatusAtDay { get; init; }
}
