namespace Koubou.Gateway.Scheduling;

/// <summary>How this service speaks to the scheduler.</summary>
internal sealed class SchedulingOptions
{
    public const string Section = "Koubou:Gateway";

    /// <summary>The longest wait for an answer that the scheduler owes at once. Default: 30 seconds.</summary>
    public TimeSpan SchedulerTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
