using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary>Tells what became of each task that was to be changed.</summary>
internal static class ChangeReport
{
    /// <param name="session">The run.</param>
    /// <param name="changes">What became of each.</param>
    /// <param name="done">Such as <c>cancelled</c>.</param>
    public static async Task<int> TellAsync(Session session, IReadOnlyList<ChangeJson> changes, string done)
    {
        foreach (var change in changes)
        {
            if (change.Outcome == "changed")
            {
                await session.Surface.Output.WriteLineAsync($"{change.Id} {done}");
            }
            else
            {
                await session.Surface.NoteAsync(change.Outcome == "unknown_id"
                    ? $"No task has the id {change.Id}. See: koubou list"
                    : $"Task {change.Id} is {change.State}, so it was not {done}.");
            }
        }

        return changes.All(change => change.Outcome == "changed") ? ExitCode.Done : ExitCode.Failed;
    }
}
