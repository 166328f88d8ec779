namespace Koubou.Gateway.Events;

/// <summary>Changes were left out; this is how things stand instead.</summary>
/// <param name="Reason"><c>log_too_short</c> or <c>slow_reader</c>.</param>
/// <param name="MissedFrom">The first number left out.</param>
/// <param name="MissedTo">The last number left out.</param>
/// <param name="Tasks">The watched tasks as they stand now: those asked for by id, else the unfinished ones.</param>
/// <param name="TasksComplete">False: there are more; list them.</param>
/// <param name="Hint">What to do next.</param>
internal sealed record GapPayload(
    string Reason, long MissedFrom, long MissedTo, IReadOnlyList<TaskStand> Tasks, bool TasksComplete, string Hint);
