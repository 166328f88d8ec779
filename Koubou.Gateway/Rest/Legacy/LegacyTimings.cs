using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Legacy;

/// <summary>When things happened, and how many milliseconds each took; null what has not happened.</summary>
/// <param name="SubmittedAt">UTC.</param>
/// <param name="StartedAt">When the first attempt started, UTC.</param>
/// <param name="FinishedAt">UTC.</param>
/// <param name="QueuedMs">From submit to the first start.</param>
/// <param name="FirstTokenMs">From the last attempt's start to its first token.</param>
/// <param name="ModelLoadMs">Spent on loading the model.</param>
/// <param name="GenerationMs">Spent on the answer's tokens.</param>
/// <param name="TotalMs">From submit to the end.</param>
public sealed record LegacyTimings(
    DateTime? SubmittedAt,
    DateTime? StartedAt,
    DateTime? FinishedAt,
    double? QueuedMs,
    double? FirstTokenMs,
    double? ModelLoadMs,
    double? GenerationMs,
    double? TotalMs)
{
    internal static LegacyTimings Of(TaskRecord record)
    {
        var last = record.Attempts.Count == 0 ? null : record.Attempts[^1];
        return new LegacyTimings(
            record.SubmittedAt.ToUtc(),
            record.StartedAt.ToUtc(),
            record.FinishedAt.ToUtc(),
            record.SubmittedAt.MillisecondsUntil(record.StartedAt),
            last?.FirstToken.ToMilliseconds(),
            last?.ModelLoad.ToMilliseconds(),
            last?.Generation.ToMilliseconds(),
            record.SubmittedAt.MillisecondsUntil(record.FinishedAt));
    }
}
