using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary>Tasks, one row each.</summary>
internal static class TaskTable
{
    public static Rows Of(IEnumerable<TaskJson> tasks, DateTimeOffset now)
    {
        var rows = new Rows("ID", "STATE", "TYPE", "PRIO", "AGE", "WAITED", "RAN", "PROMPT");
        foreach (var task in tasks)
        {
            rows.Add(
                task.Id,
                Cell.State(task.State),
                task.Type,
                task.Priority.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Figures.Since(task.SubmittedAt, now),
                Figures.Between(task.SubmittedAt, task.StartedAt),
                Figures.Between(task.StartedAt, task.FinishedAt),
                Figures.Title(task.Prompt));
        }

        return rows;
    }
}
