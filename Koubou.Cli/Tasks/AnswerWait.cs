using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary>Waits for a task and prints its answer; says meanwhile how it stands.</summary>
internal static class AnswerWait
{
    private const int SliceSeconds = 2;

    public static async Task<int> RunAsync(Session session, string id, CancellationToken cancellationToken)
    {
        var task = await WaitAsync(session, id, cancellationToken);
        if (session.AsJson)
        {
            await session.Surface.WriteJsonAsync(task);
            return TaskJson.Read(task).Succeeded ? ExitCode.Done : ExitCode.Failed;
        }

        return await TellAsync(session, TaskJson.Read(task), answerIsOut: false);
    }

    /// <summary>The answer on standard output, or on standard error why there is none.</summary>
    public static async Task<int> TellAsync(Session session, TaskJson task, bool answerIsOut)
    {
        if (task.Notice is { } notice)
        {
            await session.Surface.NoteAsync(notice);
        }

        if (!task.Succeeded)
        {
            await session.Surface.NoteAsync(
                $"Task {task.Id} is {task.State}{(task.Error is { } error ? $": {error.Message} ({error.Code})" : "")}.");
            return ExitCode.Failed;
        }

        if (!answerIsOut)
        {
            await session.Surface.Output.WriteLineAsync((task.Output ?? "").TrimEnd('\n'));
        }

        foreach (var artifact in task.Artifacts)
        {
            await session.Surface.NoteAsync(
                $"It left the file {artifact.Name}. Read it with: koubou output {task.Id} --artifact {artifact.Name}");
        }

        return ExitCode.Done;
    }

    private static async Task<JsonElement> WaitAsync(Session session, string id, CancellationToken cancellationToken)
    {
        var path = $"tasks/{GatewayClient.Escape(id)}";
        var patience = new Patience(TimeProvider.System);
        try
        {
            while (true)
            {
                var reply = await patience.TryAsync(
                    () => session.Gateway.GetAsync($"{path}?wait={SliceSeconds}", cancellationToken), cancellationToken);
                if (reply is { } element && TaskJson.Read(element) is var task)
                {
                    if (task.IsFinal)
                    {
                        return element;
                    }

                    session.Surface.Status.Show(Describe(task));
                }
                else
                {
                    session.Surface.Status.Show("The workshop does not answer; still waiting, the task is kept.");
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            session.Surface.Status.Clear();
            await session.Surface.NoteAsync($"The task goes on. See it with: koubou watch {id}");
            throw;
        }
        finally
        {
            session.Surface.Status.Clear();
        }
    }

    /// <summary>Samples: <c>queued, position 3, about 20 s</c> · <c>running on node-1: loading the model</c>.</summary>
    internal static string Describe(TaskJson task)
    {
        var text = task.State;
        if (task.QueuePosition is { } position)
        {
            text += $", position {position}";
        }

        if (task.EstimatedWaitSeconds is { } seconds)
        {
            text += $", about {Figures.Span(TimeSpan.FromSeconds(seconds))}";
        }

        if (task.State == "running" && task.Attempts is [.., var attempt])
        {
            text += $" on {attempt.Node}";
        }

        return task.Progress is { } progress ? $"{text}: {progress}" : text;
    }
}
