using System.CommandLine;
using System.Globalization;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary><c>koubou show</c>: a task and its history.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var id = CreateId();
        return new Command(
            "show",
            "Show a task and its history: who tried, on which model, how long, what went wrong.") { id }
            .Speaks(async (session, cancellationToken) =>
            {
                var reply = await session.Gateway.GetAsync($"tasks/{GatewayClient.Escape(session.Value(id)!)}", cancellationToken);
                if (session.AsJson)
                {
                    await session.Surface.WriteJsonAsync(reply);
                    return ExitCode.Done;
                }

                Print(session.Surface, TaskJson.Read(reply));
                return ExitCode.Done;
            });
    }

    public static Argument<string> CreateId() => new("id") { Description = "The task's id." };

    private static void Print(Surface surface, TaskJson task)
    {
        var facts = new Rows();
        Fact("id", task.Id);
        Fact("state", Cell.State(task.State));
        Fact("now", task.IsFinal ? null : AnswerWait.Describe(task));
        Fact("error", task.Error is { } error ? Cell.Bad($"{error.Message} ({error.Code})") : null);
        Fact("notice", task.Notice is { } notice ? Cell.Warning(notice) : null);
        Fact("type", task.Type);
        Fact("priority", task.Priority.ToString(CultureInfo.InvariantCulture));
        Fact("policy", task.DataPolicy);
        Fact("client", task.Client);
        Fact("batch", task.BatchId);
        Fact("labels", task.Labels.Count > 0 ? string.Join(", ", task.Labels.Select(label => $"{label.Key}={label.Value}")) : null);
        Fact("depends on", task.DependsOn.Count > 0 ? string.Join(", ", task.DependsOn) : null);
        Fact("waiting for", task.WaitingFor.Count > 0 ? string.Join(", ", task.WaitingFor) : null);
        Fact("submitted", Figures.Time(task.SubmittedAt));
        Fact("due", task.DueAt is { } due ? Figures.Time(due) : null);
        Fact("waited", task.StartedAt is null ? null : Figures.Between(task.SubmittedAt, task.StartedAt));
        Fact("ran", task.StartedAt is null || task.FinishedAt is null ? null : Figures.Between(task.StartedAt, task.FinishedAt));
        Fact("attempts", $"{task.AttemptsUsed} of {task.AttemptsMax}");
        Fact("files", task.Artifacts.Count > 0 ? string.Join(", ", task.Artifacts.Select(artifact => artifact.Name)) : null);
        Fact("output", task.Succeeded ? $"{Figures.Count(task.OutputBytes)} bytes: koubou output {task.Id}" : null);
        Fact("prompt", Figures.Title(task.Prompt));
        surface.Write(facts);
        if (task.Attempts.Count > 0)
        {
            surface.WriteLine();
            surface.Write(Attempts(task));
        }

        void Fact(string name, Cell? value)
        {
            if (value is { Text.Length: > 0 } cell)
            {
                facts.Add(Cell.Dim(name), cell);
            }
        }
    }

    private static Rows Attempts(TaskJson task)
    {
        var rows = new Rows("ATTEMPT", "OUTCOME", "NODE", "BACKEND", "MODEL", "ZONE", "TOOK", "TOKENS", "ERROR");
        foreach (var attempt in task.Attempts)
        {
            rows.Add(
                attempt.Number.ToString(CultureInfo.InvariantCulture),
                Cell.State(attempt.Outcome),
                attempt.Node,
                attempt.Backend ?? "-",
                attempt.Model ?? "-",
                attempt.Zone ?? "-",
                Figures.Between(attempt.LeasedAt, attempt.FinishedAt),
                attempt.Usage is { } usage ? $"{usage.PromptTokens}+{usage.CompletionTokens}" : "-",
                attempt.Error?.Message ?? "");
        }

        return rows;
    }
}
