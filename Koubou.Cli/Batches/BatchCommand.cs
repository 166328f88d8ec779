using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Batches;

/// <summary><c>koubou batch</c>: many tasks under one id.</summary>
internal static class BatchCommand
{
    private const int PagePreset = 20;

    public static Command Create() => new("batch", "Submit many tasks at once, and see or end them together.")
    {
        BatchSubmitCommand.Create(),
        CreateList(),
        CreateShow(),
        CreateChange("cancel", "Cancel every task of a batch that has not finished.", HttpMethod.Post, "/cancel", "cancelled"),
        CreateChange("delete", "Remove the finished tasks of a batch and their answers.", HttpMethod.Delete, "", "removed"),
    };

    private static Command CreateList()
    {
        var limit = new Option<int>("--limit", "-n")
        {
            Description = $"How many at most, up to 1000. Default: {PagePreset}.",
            DefaultValueFactory = _ => PagePreset,
        };
        return new Command("list", "List batches with the counts of their tasks, newest first.") { limit }
            .Speaks(async (session, cancellationToken) =>
            {
                var size = session.Value(limit).ToString(CultureInfo.InvariantCulture);
                var reply = await session.Gateway.GetAsync($"batches?page_size={size}", cancellationToken);
                if (session.AsJson)
                {
                    await session.Surface.WriteJsonAsync(reply);
                    return ExitCode.Done;
                }

                Print(session.Surface, reply.Deserialize(WorkshopJson.Default.BatchesJson)!.Batches);
                return ExitCode.Done;
            });
    }

    private static Command CreateShow()
    {
        var id = CreateId();
        return new Command("show", "Show one batch with the counts of its tasks.") { id }
            .Speaks(async (session, cancellationToken) =>
            {
                var reply = await session.Gateway.GetAsync($"batches/{GatewayClient.Escape(session.Value(id)!)}", cancellationToken);
                if (session.AsJson)
                {
                    await session.Surface.WriteJsonAsync(reply);
                    return ExitCode.Done;
                }

                Print(session.Surface, [reply.Deserialize(WorkshopJson.Default.BatchJson)!]);
                await session.Surface.NoteAsync($"Its tasks: koubou list --batch {session.Value(id)}");
                return ExitCode.Done;
            });
    }

    private static Command CreateChange(string name, string description, HttpMethod method, string action, string done)
    {
        var id = CreateId();
        return new Command(name, description) { id }
            .Speaks(async (session, cancellationToken) =>
            {
                var path = $"batches/{GatewayClient.Escape(session.Value(id)!)}{action}";
                await BulkReport.TellAsync(session, await session.Gateway.SendAsync(method, path, null, cancellationToken), done);
                return ExitCode.Done;
            });
    }

    private static Argument<string> CreateId() => new("id") { Description = "The batch's id." };

    private static void Print(Surface surface, IReadOnlyList<BatchJson> batches)
    {
        var rows = new Rows("ID", "TASKS", "SUBMITTED", "TOOK", "STATES");
        foreach (var batch in batches)
        {
            rows.Add(
                batch.Id,
                Figures.Count(batch.Total),
                Figures.Time(batch.SubmittedAt),
                Figures.Between(batch.SubmittedAt, batch.FinishedAt),
                string.Join(", ", batch.Tasks.Select(state => $"{Figures.Count(state.Value)} {state.Key}")));
        }

        surface.Write(rows);
    }
}
