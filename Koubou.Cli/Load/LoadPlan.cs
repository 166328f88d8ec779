namespace Koubou.Cli.Load;

/// <summary>How much load, and for how long at most. Everything is bounded, and it stops by itself.</summary>
/// <param name="Tasks">Tasks in all.</param>
/// <param name="Concurrency">Tasks that are submitted and waited for at one time.</param>
/// <param name="Type">Their type.</param>
/// <param name="Prompt">What each asks.</param>
/// <param name="Timeout">When it stops, whatever is left.</param>
/// <param name="Batch">The batch that they share, by which they are found and ended.</param>
internal sealed record LoadPlan(int Tasks, int Concurrency, string? Type, string Prompt, TimeSpan Timeout, string Batch)
{
    public const int TasksMax = 100_000;
    public const int ConcurrencyMax = 256;
    public static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(1);
}
