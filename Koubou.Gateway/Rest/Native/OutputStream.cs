using System.Globalization;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.Rest.Native;

/// <summary>The output of one task as server-sent events, until the task is finished.</summary>
internal static class OutputStream
{
    private const string FinishedId = "done";

    public static async Task RunAsync(
        string id, HttpContext context, TaskLookup lookup, TaskQueue.TaskQueueClient scheduler, TimeProvider time)
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
        using var call = scheduler.WatchOutput(request, cancellationToken: context.RequestAborted);
        await using var events = await EventStream.BeginAsync(context, time);
        await foreach (var update in call.ResponseStream.ReadAllAsync(context.RequestAborted))
        {
            await WriteAsync(events, update);
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
}
