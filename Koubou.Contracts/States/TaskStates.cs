namespace Koubou.Contracts;

/// <summary>What the states of a task mean, and the words for them on each surface.</summary>
public static class TaskStates
{
    /// <summary>All states, in the order of a task's life.</summary>
    public static IReadOnlyList<TaskState> All { get; } =
        [.. Enum.GetValues<TaskState>().Where(state => state != TaskState.Unspecified)];

    /// <summary>Whether nothing more happens to the task by itself.</summary>
    public static bool IsFinal(this TaskState state) =>
        state is TaskState.Succeeded or TaskState.Failed or TaskState.Cancelled or TaskState.Expired;

    /// <summary>The word on the native surfaces: <c>blocked</c>, <c>scheduled</c>, <c>queued</c> …</summary>
    public static string ToWord(this TaskState state) => state switch
    {
        TaskState.Blocked => "blocked",
        TaskState.Scheduled => "scheduled",
        TaskState.Queued => "queued",
        TaskState.Running => "running",
        TaskState.Succeeded => "succeeded",
        TaskState.Failed => "failed",
        TaskState.Cancelled => "cancelled",
        TaskState.Expired => "expired",
        _ => "unknown",
    };

    /// <summary>The word of v2.1: <c>pending</c>, <c>in_progress</c>, <c>completed</c>, <c>failed</c>, <c>cancelled</c>.</summary>
    public static string ToLegacyWord(this TaskState state) => state switch
    {
        TaskState.Blocked or TaskState.Scheduled or TaskState.Queued => "pending",
        TaskState.Running => "in_progress",
        TaskState.Succeeded => "completed",
        TaskState.Cancelled => "cancelled",
        _ => "failed",
    };

    /// <summary>Reads a native word, any case. False when no state has that name.</summary>
    public static bool TryParse(string? word, out TaskState state)
    {
        foreach (var candidate in All)
        {
            if (string.Equals(candidate.ToWord(), word, StringComparison.OrdinalIgnoreCase))
            {
                state = candidate;
                return true;
            }
        }

        state = TaskState.Unspecified;
        return false;
    }
}
