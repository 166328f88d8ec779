using Koubou.Contracts;
using Koubou.Gateway.Scheduling;
using Koubou.Gateway.Rest.Views;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Tells a waiting client how its tasks stand: states, place in the queue, tokens so far.</summary>
internal sealed class WaitProgress(TaskQueue.TaskQueueClient scheduler, CallLimits limits)
{
    /// <summary>Sends one note. A client that gave no progress token wants none.</summary>
    /// <param name="request">The call that waits.</param>
    /// <param name="tasks">How they stand; null: the scheduler does not answer.</param>
    /// <param name="elapsed">Rises from note to note, as the protocol wants it.</param>
    /// <param name="timeout">When the wait ends at the latest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task TellAsync(
        RequestContext<CallToolRequestParams> request,
        IReadOnlyList<TaskRecord>? tasks,
        TimeSpan elapsed,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        if (request.Params.ProgressToken is not { } token)
        {
            return;
        }

        var note = new ProgressNotificationValue
        {
            Progress = (float)elapsed.TotalSeconds,
            Total = (float)Math.Max(timeout.TotalSeconds, elapsed.TotalSeconds),
            Message = tasks is null
                ? "The scheduler does not answer; still waiting, nothing is lost."
                : Describe(tasks, await TokensAsync(tasks, cancellationToken)),
        };
        await request.Server.NotifyProgressAsync(token, note, cancellationToken: cancellationToken);
    }

    /// <summary>Samples: <c>queued, position 3</c> · <c>1 of 3 finished; 1 running, 345 tokens so far; 1 queued</c>.</summary>
    internal static string Describe(IReadOnlyList<TaskRecord> tasks, long? tokens)
    {
        var running = tasks.Where(task => task.State == TaskState.Running).ToList();
        var next = tasks.Where(task => task.QueuePosition > 0).Select(task => task.QueuePosition).DefaultIfEmpty().Min();
        var finished = tasks.Count(task => task.State.IsFinal());
        List<string> parts = [];
        if (tasks.Count > 1)
        {
            parts.Add($"{finished} of {tasks.Count} finished");
        }

        if (running.Count > 0)
        {
            var written = tokens is { } count ? $", {count} tokens so far" : "";
            parts.Add($"{Count(tasks, running.Count)}running{written}{Note(running)}");
        }

        parts.AddRange(
            from task in tasks
            where task.State != TaskState.Running && (tasks.Count == 1 || !task.State.IsFinal())
            group task by task.State into group_
            select $"{Count(tasks, group_.Count())}{group_.Key.ToWord()}"
                + (group_.Key == TaskState.Queued && next > 0 ? $", position {next}" : ""));
        return string.Join("; ", parts);
    }

    private static string Count(IReadOnlyList<TaskRecord> tasks, int count) => tasks.Count > 1 ? $"{count} " : "";

    private static string Note(List<TaskRecord> running) =>
        running[0].Progress.OrNull() is { } note ? $" ({note})" : "";

    private async Task<long> TokensAsync(IReadOnlyList<TaskRecord> tasks, CancellationToken cancellationToken)
    {
        var running = tasks.Where(task => task.State == TaskState.Running).Select(task => task.Id).ToHashSet();
        if (running.Count == 0)
        {
            return 0;
        }

        var workers = await scheduler.ListWorkersAsync(new ListWorkersRequest(), limits.Brief(cancellationToken));
        return workers.Nodes
            .SelectMany(node => node.Running)
            .Where(task => running.Contains(task.TaskId))
            .Sum(task => task.CompletionTokens);
    }
}
