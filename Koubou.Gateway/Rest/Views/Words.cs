using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Views;

/// <summary>The words for the contract's enums that only JSON needs.</summary>
internal static class Words
{
    public static string ToWord(this EventKind kind) => kind switch
    {
        EventKind.Submitted => "submitted",
        EventKind.Started => "started",
        EventKind.RetryScheduled => "retry_scheduled",
        EventKind.Requeued => "requeued",
        EventKind.Succeeded => "succeeded",
        EventKind.Failed => "failed",
        EventKind.Cancelled => "cancelled",
        EventKind.Expired => "expired",
        EventKind.Deleted => "deleted",
        _ => "unknown",
    };

    public static string ToWord(this AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Running => "running",
        AttemptOutcome.Succeeded => "succeeded",
        AttemptOutcome.Failed => "failed",
        AttemptOutcome.Lost => "lost",
        AttemptOutcome.Cancelled => "cancelled",
        AttemptOutcome.GivenBack => "given_back",
        _ => "unknown",
    };

    public static string ToWord(this ChangeOutcome outcome) => outcome switch
    {
        ChangeOutcome.Changed => "changed",
        ChangeOutcome.UnknownId => "unknown_id",
        ChangeOutcome.WrongState => "wrong_state",
        _ => "unknown",
    };

    /// <summary>Protobuf has no null for texts; JSON has.</summary>
    public static string? OrNull(this string text) => text.Length == 0 ? null : text;
}
