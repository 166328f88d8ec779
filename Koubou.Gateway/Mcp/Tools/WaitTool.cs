using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Scheduling;
using Koubou.ServiceDefaults.Keys;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Waits for some tasks, tells how they stand meanwhile, and brings what has finished.</summary>
internal sealed class WaitTool(
    TaskQueue.TaskQueueClient scheduler,
    TaskSelection selection,
    PatientWait patience,
    CallLimits limits,
    IOptions<McpOptions> options,
    IHostApplicationLifetime lifetime,
    IHttpContextAccessor accessor,
    McpCaller callers,
    UnreadResults unread)
    : WorkshopTool<Waited>(Face, ReplyJson.Relaxed.Waited, callers, unread)
{
    private const string For = "for";
    private const string Any = "any";
    private const string All = "all";
    private const string TimeoutSeconds = "timeout_seconds";
    private const string CancelOnAbort = "cancel_on_abort";
    private const int SecondsMax = 90;
    private const int SecondsPreset = 60;

    private static readonly ToolFace Face = new()
    {
        Name = "wait",
        Title = "Wait for tasks",
        Description = """
            Waits until any or all of the tasks have finished, at most 90 seconds a call, and brings the finished
            results: short answers whole, long ones as a digest to be read on with get_result. Reports progress while it
            waits. Returns early when there is nothing left to wait for.

            When it returns with done: false, nothing is lost: go on with other work, or call it again with the same
            ids. With for: "any", leave out the ids whose results you already have. cancel_on_abort: true also cancels
            the tasks when this call is interrupted; without it they run on.
            """,
        Arguments = ToolSchemas.Arguments(
        [
            ToolSchemas.Texts(TaskSelection.Ids, "Ids of 1 to 1,000 tasks."),
            ToolSchemas.Text(TaskSelection.BatchId, "Instead of ids: all tasks of that batch."),
            ToolSchemas.Word(For, "Wait until all of them have finished, or any. Default: all.", All, Any),
            ToolSchemas.WholeNumber(TimeoutSeconds, "0 to 90. Default: 60. 0 only looks.", 0, SecondsMax),
            ToolSchemas.Flag(CancelOnAbort, "Cancel the tasks when this call is aborted. Default: false."),
        ]),
        IsReadOnly = true,
        AlwaysLoad = true,
    };

    /// <inheritdoc/>
    protected override async ValueTask<ToolOutcome<Waited>> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var all = arguments.Word(For, All, Any) == All;
        var seconds = arguments.WholeNumber(TimeoutSeconds, SecondsPreset, 0, SecondsMax);
        var cancel = arguments.Flag(CancelOnAbort);
        if (cancel && call.Caller.Lacks(KeyScopes.Submit) is { } lacking)
        {
            return lacking;
        }

        var (ids, problem) = await selection.ReadAsync(arguments, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var timeout = TimeSpan.FromSeconds(Math.Min(seconds, options.Value.WaitMax.TotalSeconds));

        // In a session the SDK does not take a broken connection for a cancellation; who asked for it, means it.
        var aborted = cancel ? accessor.HttpContext?.RequestAborted ?? default : default;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, aborted);
        try
        {
            var reply = await patience.WaitAsync(call.Request, ids, all, timeout, over.Token);
            return reply.Tasks.Count == 0
                ? McpProblems.UnknownTasks(reply.UnknownIds)
                : await TellAsync(call, reply, all, cancellationToken);
        }
        catch (Exception error) when (
            cancel && over.IsCancellationRequested && error is OperationCanceledException or RpcException)
        {
            await CancelAsync(call, ids);
            throw;
        }
    }

    // The caller is gone, so its token is of no more use. A gateway that stops is not a caller that changed its mind.
    private async Task CancelAsync(ToolCall call, IReadOnlyList<string> ids)
    {
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            Forget(call, ids);
            await scheduler.CancelAsync(call.Caller.Change(ids), limits.Brief(CancellationToken.None));
        }
    }

    private async Task<Waited> TellAsync(ToolCall call, WaitReply reply, bool all, CancellationToken cancellationToken)
    {
        var finished = reply.Tasks.Where(record => record.State.IsFinal()).ToList();
        var open = reply.Tasks.Where(record => !record.State.IsFinal()).ToList();
        var results = await ResultsAsync(finished, cancellationToken);
        call.Shown.UnionWith(results.Select(result => result.Id));
        MarkRead(call, results, cancellationToken);

        var done = open.Count == 0 || (!all && finished.Count > 0);
        return new Waited(
            done,
            finished.Count,
            open.Count,
            results,
            [.. open.Take(WaitBudget.OpenShownMax).Select(record => TaskBrief.Of(record))],
            [.. reply.UnknownIds.Take(WaitBudget.OpenShownMax)],
            Next(done, results, finished.Count, open.Count));
    }

    private static string Next(bool done, List<ResultView> results, int finished, int open)
    {
        var more = finished - results.Count;
        var parts = results.Count(result => !result.IsWhole);
        var reading = (more, parts) switch
        {
            (> 0, _) => $"{more} more results have no room here: read them with get_result, ids by list_tasks. ",
            (_, > 0) => "Where output is a part, read on with get_result. ",
            _ => "",
        };
        return reading + (done
            ? open > 0 ? "To wait for the rest, call wait without the finished ids." : "All have finished."
            : "Not finished yet: call wait again, or do other work first; nothing is lost.");
    }

    private async Task<List<ResultView>> ResultsAsync(List<TaskRecord> finished, CancellationToken cancellationToken)
    {
        var budget = new WaitBudget(finished.Count);
        var results = new List<ResultView>();
        foreach (var record in finished.Take(WaitBudget.ResultsShownMax))
        {
            var whole = await scheduler.GetAsync(
                new GetRequest { Id = record.Id, IncludeOutput = true }, limits.Brief(cancellationToken));
            results.Add(budget.Digest(whole));
        }

        return results;
    }
}
