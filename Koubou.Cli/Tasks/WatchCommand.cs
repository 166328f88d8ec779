using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary><c>koubou watch</c>: one task's answer as it is written, or every change of every task.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var id = new Argument<string?>("id")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The task whose answer to follow. Without it: every change in the workshop, until Ctrl+C.",
        };
        var types = new Option<string[]>("--type", "-t")
        {
            Description = "Only changes of this task type. May be repeated.",
        };

        var batch = new Option<string?>("--batch", "-b") { Description = "Only changes of this batch." };
        var from = new Option<long?>("--from")
        {
            Description = "Begin at this sequence number in the log of changes; 1 is its start.",
        };

        return new Command(
            "watch",
            "Follow one task until it has finished, or what happens in the workshop.") { id, types, batch, from }
            .Speaks((session, cancellationToken) => session.Value(id) is { } task
                ? OutputFollower.RunAsync(session, task, cancellationToken)
                : FollowAllAsync(
                    session,
                    new Query()
                        .Add("type", session.Value(types))
                        .Add("batch_id", session.Value(batch))
                        .Add("from", session.Value(from)?.ToString(CultureInfo.InvariantCulture)),
                    cancellationToken));
    }

    private static async Task<int> FollowAllAsync(Session session, Query query, CancellationToken cancellationToken)
    {
        var events = new ServerEvents(session.Gateway, TimeProvider.System);
        await foreach (var item in events.ReadAsync($"events{query}", cancellationToken))
        {
            if (session.AsJson)
            {
                await session.Surface.Output.WriteLineAsync(
                    $$"""{"event":"{{item.EventType}}","id":{{item.EventId ?? "null"}},"data":{{item.Data}}}""");
                await session.Surface.Output.FlushAsync(cancellationToken);
            }
            else if (item.EventType == "task_update")
            {
                Tell(session.Surface, JsonSerializer.Deserialize(item.Data, WorkshopJson.Default.ChangeEventJson)!);
            }
            else if (item.EventType == "gap")
            {
                await session.Surface.NoteAsync("The log no longer holds all that happened since: some changes are not shown.");
            }
            else if (item.EventType == "connected")
            {
                await session.Surface.NoteAsync($"Connected to {session.Gateway.Address}. Ctrl+C ends this.");
            }
        }

        return ExitCode.Done;
    }

    private static void Tell(Surface surface, ChangeEventJson change) => surface.WriteLine(
        Cell.Dim((change.At?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "--------") + "  "),
        Cell.State(change.State) with { Text = $"{change.State,-12}" },
        $"{change.TaskId}  {change.Type}",
        change.Event == change.State || change.Event == "submitted" ? "" : $"  {change.Event}",
        change.Attempt > 1 ? $"  attempt {change.Attempt}" : "",
        Cell.Dim(change.Node is null ? "" : $"  {change.Node}{(change.Model is null ? "" : $" / {change.Model}")}"),
        Cell.Bad(change.Error is { } error ? $"  {error.Message}" : ""));
}
