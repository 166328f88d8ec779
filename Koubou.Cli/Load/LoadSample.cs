namespace Koubou.Cli.Load;

/// <summary>What one task took.</summary>
/// <param name="Outcome">Its final state, or <c>unfinished</c>.</param>
/// <param name="Simulated">No model was asked.</param>
/// <param name="Submit">From the request to the receipt: the task is on disk.</param>
/// <param name="Queued">From submission to the start of its first attempt, by the workshop's clock.</param>
/// <param name="Ran">From there to its end, by the workshop's clock.</param>
/// <param name="Whole">From the request to the answer, by this program's clock.</param>
internal sealed record LoadSample(
    string Outcome, bool Simulated, TimeSpan Submit, TimeSpan? Queued, TimeSpan? Ran, TimeSpan? Whole);
