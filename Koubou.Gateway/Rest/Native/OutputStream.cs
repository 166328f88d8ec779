using System.Globalization;
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
    private const string FinishedId = "done";

    /// <summary>Follows until the task is finished, the client leaves or the gateway stops.</summary>
    public async Task RunAsync(string id, HttpContext context)
    {
        var from = Resume(context.Request);

        // The browser's EventSource reconnects after the end as well; 204 is what makes it stop.
        if (from == FinishedId)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (!long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            await Problems.InvalidField(
                "offset", $"must be a whole number from 0; was \"{Problems.Shorten(from)}\"").WriteAsync(context);
            return;
        }

        if (await lookup.GetAsync(id, includeOutput: false, context.RequestAborted) is null)
        {
            await Problems.UnknownTask(id).WriteAsync(context);
            return;
        }

        var request = new WatchOutputRequest { Id = id, FromOffset = offset };
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

    // Sample: Last-Event-ID: 1024, from a browser that lost the connection; else ?offset=1024.
    private static string Resume(HttpRequest request)
    {
        var last = request.Headers["Last-Event-ID"].ToString();
        return last.Length > 0 ? last
            : request.Query.TryGetValue("offset", out var offset) ? offset.ToString()
            : "0";
    }

    private static Task WriteAsync(EventStream events, OutputUpdate update) => update.BodyCase switch
    {
        OutputUpdate.BodyOneofCase.Chunk => events.WriteAsync(
            "chunk",
            (update.Chunk.Offset + update.Chunk.Text.Length).ToString(CultureInfo.InvariantCulture),
            new OutputChunkView(update.Chunk.Offset, update.Chunk.Text),
            RestJson.Relaxed.OutputChunkView),
        OutputUpdate.BodyOneofCase.Progress => events.WriteAsync(
            "progress", null, new OutputProgressView(update.Progress), RestJson.Relaxed.OutputProgressView),
        OutputUpdate.BodyOneofCase.Reset => events.WriteAsync(
            "reset", "0", new OutputResetView(update.Reset.Attempt), RestJson.Relaxed.OutputResetView),
        OutputUpdate.BodyOneofCase.Final => events.WriteAsync(
            "done", FinishedId, TaskView.Of(update.Final, includeOutput: false), RestJson.Relaxed.TaskView),
        _ => Task.CompletedTask,
    };

    [LoggerMessage(LogLevel.Debug, "The output stream of {TaskId} ended early: {Message}")]
    private static partial void LogBroken(ILogger logger, string taskId, string message);
}
