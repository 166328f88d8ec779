using System.Text.Json;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary>Prints a task's answer while it is written, until the task has finished.</summary>
internal static class OutputFollower
{
    public static async Task<int> RunAsync(Session session, string id, CancellationToken cancellationToken)
    {
        var events = new ServerEvents(session.Gateway, TimeProvider.System);
        var surface = session.Surface;
        var written = 0L;
        var endsLine = true;
        try
        {
            await foreach (var item in events.ReadAsync($"tasks/{GatewayClient.Escape(id)}/output/stream", cancellationToken))
            {
                surface.Status.Clear();
                if (session.AsJson)
                {
                    await surface.Output.WriteLineAsync($$"""{"event":"{{item.EventType}}","data":{{item.Data}}}""");
                }

                switch (item.EventType)
                {
                    case "chunk" when !session.AsJson:
                        var chunk = JsonSerializer.Deserialize(item.Data, WorkshopJson.Default.ChunkJson)!;
                        await surface.Output.WriteAsync(chunk.Text);
                        await surface.Output.FlushAsync(cancellationToken);
                        written += chunk.Text.Length;
                        endsLine = chunk.Text.EndsWith('\n');
                        break;
                    case "progress" when endsLine:
                        surface.Status.Show(JsonSerializer.Deserialize(item.Data, WorkshopJson.Default.ProgressJson)!.Progress);
                        break;
                    case "reset" when written > 0 && !session.AsJson:
                        var attempt = JsonSerializer.Deserialize(item.Data, WorkshopJson.Default.ResetJson)!.Attempt;
                        await surface.NoteAsync($"\nAttempt {attempt} begins anew: what stands above is void.");
                        (written, endsLine) = (0, true);
                        break;
                    case "done":
                        return await EndAsync(session, item.Data, written > 0, endsLine, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await surface.NoteAsync($"\nThe task goes on. See it with: koubou watch {id}");
            throw;
        }
        finally
        {
            surface.Status.Clear();
        }

        return ExitCode.Failed;
    }

    private static async Task<int> EndAsync(
        Session session, string data, bool answerIsOut, bool endsLine, CancellationToken cancellationToken)
    {
        var task = JsonSerializer.Deserialize(data, WorkshopJson.Default.TaskJson)!;
        if (session.AsJson)
        {
            return task.Succeeded ? ExitCode.Done : ExitCode.Failed;
        }

        if (!endsLine)
        {
            await session.Surface.Output.WriteLineAsync();
        }

        // A backend that does not stream gives its answer only at the end.
        if (task.Succeeded && !answerIsOut && task.OutputBytes > 0)
        {
            task = TaskJson.Read(await session.Gateway.GetAsync($"tasks/{task.Id}", cancellationToken));
        }

        return await AnswerWait.TellAsync(session, task, answerIsOut);
    }
}
