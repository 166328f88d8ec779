using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.Rest.Native;

/// <summary>The output of one task as server-sent events, until the task is finished.</summary>
internal sealed partial class OutputStream(
    TaskQueue.TaskQueueClient scheduler,
    TaskLookup lookup,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<OutputStream> logger)
{
    /// <summary>Follows until the task is finished, the client leaves or the gateway stops.</summary>
    public async Task RunAsync(string id, HttpContext context)
    {
        var place = OutputPlace.Of(context.Request);

        // The browser's EventSource reconnects after the end as well; 204 is what makes it stop.
        if (place.IsEnd)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (place.Fault is { } fault)
        {
            await Problems.InvalidField("offset", fault).WriteAsync(context);
            return;
        }

        if (await lookup.GetAsync(id, includeOutput: false, context.RequestAborted) is null)
        {
            await Problems.UnknownTask(id).WriteAsync(context);
            return;
        }

        var request = new WatchOutputRequest { Id = id, FromOffset = place.Offset, FromAttempt = place.Attempt };
        using var until = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        using var call = scheduler.WatchOutput(request, cancellationToken: until.Token);
        await using var events = await EventStream.BeginAsync(context, time);
        try
        {
            await foreach (var update in call.ResponseStream.ReadAllAsync(until.Token))
            {
                await WriteAsync(events, update);
            }
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException)
        {
            // The stream ends before its "done": the client comes back with Last-Event-ID and goes on from there.
            LogBroken(logger, id, error.Message);
        }
    }

    private static Task WriteAsync(EventStream events, OutputUpdate update) => update.BodyCase switch
    {
        OutputUpdate.BodyOneofCase.Chunk => events.WriteAsync(
            "chunk",
            OutputPlace.Behind(update.Chunk),
            new OutputChunkView(update.Chunk.Offset, update.Chunk.Text, update.Chunk.Attempt),
            RestJson.Relaxed.OutputChunkView),
        OutputUpdate.BodyOneofCase.Progress => events.WriteAsync(
            "progress", null, new OutputProgressView(update.Progress), RestJson.Relaxed.OutputProgressView),
        OutputUpdate.BodyOneofCase.Reset => events.WriteAsync(
            "reset", new OutputPlace(0, update.Reset.Attempt).ToString(), new OutputResetView(update.Reset.Attempt), RestJson.Relaxed.OutputResetView),
        OutputUpdate.BodyOneofCase.Final => events.WriteAsync(
            "done", OutputPlace.End, TaskView.Of(update.Final, includeOutput: false), RestJson.Relaxed.TaskView),
        _ => Task.CompletedTask,
    };

    [LoggerMessage(LogLevel.Debug, "The output stream of {TaskId} ended early: {Message}")]
    private static partial void LogBroken(ILogger logger, string taskId, string message);
}
