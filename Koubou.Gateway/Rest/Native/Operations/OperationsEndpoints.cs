using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.OpenApi;
using Koubou.Gateway.Patience;
using Koubou.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Mvc;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>Batches, the dead letter, backups, and how the workshop does.</summary>
internal static class OperationsEndpoints
{
    private const int PagePreset = 50;
    private const int BodyBytesMax = 64 * 1024;

    public static void MapOperations(this RouteGroupBuilder api)
    {
        MapBatches(api);
        MapDeadLetter(api);
        MapBackups(api);
        MapState(api);
        MapNodes(api);
    }

    private static void MapBatches(RouteGroupBuilder api)
    {
        api.MapGet("/batches", async Task<IResult> (
                WorkshopOperations operations, CancellationToken cancellationToken,
                [FromQuery(Name = "page_size")] int? pageSize, [FromQuery(Name = "page_token")] string? pageToken) =>
                Results.Json(
                    await operations.ListBatchesAsync(pageSize ?? PagePreset, pageToken ?? "", cancellationToken),
                    RestJson.Relaxed.BatchesReply))
            .Describe("listBatches", "Batches", "List batches with the counts of their tasks, newest first")
            .Produces<BatchesReply>()
            .Refuses(StatusCodes.Status400BadRequest);
        api.MapGet("/batches/{id}", async Task<IResult> (string id, WorkshopOperations operations, CancellationToken cancellationToken) =>
                Results.Json(await operations.GetBatchAsync(id, cancellationToken), RestJson.Relaxed.BatchView))
            .Describe("getBatch", "Batches", "Read one batch with the counts of its tasks")
            .Produces<BatchView>()
            .Refuses(StatusCodes.Status404NotFound);
        api.MapPost("/batches/{id}/cancel", (string id, HttpContext context, WorkshopOperations operations) =>
                ChangeAsync(context, operations, Change.Cancel, new ListRequest { BatchId = id }))
            .Describe("cancelBatch", "Batches", "Cancel every task of a batch that has not finished")
            .Needs(KeyScopes.Submit).MayBeHeld()
            .Produces<BulkReply>()
            .Refuses();
        api.MapDelete("/batches/{id}", (string id, HttpContext context, WorkshopOperations operations) =>
                ChangeAsync(context, operations, Change.Delete, new ListRequest { BatchId = id }))
            .Describe("deleteBatch", "Batches", "Remove the finished tasks of a batch and their output")
            .Needs(KeyScopes.Submit).MayBeHeld()
            .Produces<BulkReply>()
            .Refuses();
    }

    private static void MapDeadLetter(RouteGroupBuilder api)
    {
        api.MapGet("/dead-letter", ListDeadAsync)
            .Describe("listDeadLetter", "Dead letter", "List the tasks that used up their attempts")
            .TakesFilters()
            .Produces<TaskPage>()
            .Refuses(StatusCodes.Status400BadRequest);
        api.MapPost("/dead-letter/{id}/replay", async Task<IResult> (
                string id, HttpContext context, TaskQueue.TaskQueueClient scheduler, Scheduling.CallLimits limits) =>
            {
                var reply = await scheduler.RetryAsync(Caller.Of(context).Change(id), limits.Brief(context.RequestAborted));
                var result = reply.Results[0];
                return ChangeRefusal.Of(result, ChangeRefusal.Retry)?.ToResult()
                    ?? Results.Json(ChangeView.Of(result), RestJson.Relaxed.ChangeView);
            })
            .Describe("replayOne", "Dead letter", "Put one task back into the queue with fresh attempts")
            .Needs(KeyScopes.Submit)
            .Produces<ChangeView>()
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        api.MapPost("/dead-letter/replay", (HttpContext context, WorkshopOperations operations) =>
                ChangeDeadAsync(context, operations, Change.Retry))
            .Describe("replayDeadLetter", "Dead letter", "Put every task that the filters select back into the queue")
            .Needs(KeyScopes.Submit).MayBeHeld()
            .TakesFilters()
            .Produces<BulkReply>()
            .Refuses(StatusCodes.Status400BadRequest);
        api.MapDelete("/dead-letter", (HttpContext context, WorkshopOperations operations) =>
                ChangeDeadAsync(context, operations, Change.Delete))
            .Describe("purgeDeadLetter", "Dead letter", "Remove every task that the filters select; ?finished_before= by age")
            .Needs(KeyScopes.Submit).MayBeHeld()
            .TakesFilters()
            .Produces<BulkReply>()
            .Refuses(StatusCodes.Status400BadRequest);
    }

    private static void MapBackups(RouteGroupBuilder api)
    {
        api.MapGet("/export", (HttpContext context, TaskLines lines) => lines.ExportAsync(context))
            .Describe("exportTasks", "Workshop", "Every task with its history and output, as lines of JSON")
            .Needs(KeyScopes.Admin).HasNoEnd()
            .TakesFilters()
            .Produces<string>(contentType: TaskLines.MediaType)
            .Refuses(StatusCodes.Status400BadRequest);
        api.MapPost("/import", (HttpContext context, TaskLines lines) => lines.ImportAsync(context))
            .Describe("importTasks", "Workshop", "Take exported tasks in; those that are here already are passed over")
            .Needs(KeyScopes.Admin).HasNoEnd()
            .Produces<ImportView>()
            .Refuses(StatusCodes.Status400BadRequest);
    }

    private static void MapState(RouteGroupBuilder api)
    {
        api.MapGet("/health", async Task<IResult> (WorkshopOperations operations, CancellationToken cancellationToken) =>
                Results.Json(await operations.HealthAsync(cancellationToken), RestJson.Relaxed.HealthView))
            .Describe("workshopHealth", "Workshop", "What is wrong with the workshop, and the command that mends it")
            .Produces<HealthView>()
            .Refuses();
        api.MapGet("/metrics", MetricsAsync)
            .Describe("workshopMetrics", "Workshop", "What happened, by minute or hour: ?from= a time, ?step_seconds= whole minutes")
            .Produces<MetricsView>()
            .Refuses(StatusCodes.Status400BadRequest);
        api.MapGet("/settings", async Task<IResult> (WorkshopOperations operations, CancellationToken cancellationToken) =>
                Results.Json(await operations.SettingsAsync(cancellationToken), RestJson.Relaxed.SettingsView))
            .Describe("workshopSettings", "Workshop", "The effective settings of scheduler, worker nodes and gateway, secrets hidden")
            .Needs(KeyScopes.Admin)
            .Produces<SettingsView>()
            .Refuses();
    }

    private static void MapNodes(RouteGroupBuilder api)
    {
        api.MapPost("/workers/{id}/drain", async Task<IResult> (string id, WorkshopOperations operations, CancellationToken cancellationToken) =>
                Results.Json(await operations.DrainAsync(id, cancellationToken), RestJson.Relaxed.WorkerView))
            .Describe("drainWorker", "Workshop", "Let a worker node finish what it has and take no more")
            .Needs(KeyScopes.Admin)
            .Produces<WorkerView>()
            .Refuses(StatusCodes.Status404NotFound);
        api.MapPost("/workers/{id}/resume", async Task<IResult> (string id, WorkshopOperations operations, CancellationToken cancellationToken) =>
                Results.Json(await operations.ResumeAsync(id, cancellationToken), RestJson.Relaxed.WorkerView))
            .Describe("resumeWorker", "Workshop", "Let a drained worker node take tasks again")
            .Needs(KeyScopes.Admin)
            .Produces<WorkerView>()
            .Refuses(StatusCodes.Status404NotFound);
        api.MapPut("/workers/{id}/limits", LimitAsync)
            .Describe("limitWorker", "Workshop", "Set how many craftsmen a worker node may have")
            .Needs(KeyScopes.Admin)
            .Accepts<LimitsRequest>("application/json")
            .Produces<WorkerView>()
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListDeadAsync(
        HttpContext context, TaskQueue.TaskQueueClient scheduler, Scheduling.CallLimits limits)
    {
        var faults = new FaultList();
        var request = ReadDead(context, faults);
        if (faults.Any)
        {
            return Problems.InvalidRequest(faults).ToResult();
        }

        var reply = await scheduler.ListAsync(request, limits.Brief(context.RequestAborted));
        return Results.Json(TaskPage.Of(reply, request.IncludeOutput), RestJson.Relaxed.TaskPage);
    }

    private static Task<IResult> ChangeDeadAsync(HttpContext context, WorkshopOperations operations, Change change)
    {
        var faults = new FaultList();
        var filter = ReadDead(context, faults);
        return faults.Any
            ? Task.FromResult(Problems.InvalidRequest(faults).ToResult())
            : ChangeAsync(context, operations, change, filter);
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, WorkshopOperations operations, Change change, ListRequest filter) => Results.Json(
        await operations.ChangeAsync(Caller.Of(context), change, filter, context.RequestAborted),
        RestJson.Relaxed.BulkReply);

    private static ListRequest ReadDead(HttpContext context, FaultList faults)
    {
        var request = ListQuery.Read(context.Request.Query, faults);
        if (request.States.Count > 0)
        {
            faults.Add("state", "is failed in the dead letter; leave it out");
        }

        request.States.Add(TaskState.Failed);
        return request;
    }

    private static async Task<IResult> MetricsAsync(HttpContext context, WorkshopOperations operations)
    {
        var faults = new FaultList();
        DateTimeOffset? from = null;
        TimeSpan? step = null;
        var query = context.Request.Query;
        if (query["from"].ToString() is { Length: > 0 } time)
        {
            from = ListQuery.ReadTime(time) ?? Fault("from", ListQuery.MustBeTime);
        }

        if (query["step_seconds"].ToString() is { Length: > 0 } length)
        {
            step = int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400
                ? TimeSpan.FromSeconds(seconds)
                : FaultStep();
        }

        return faults.Any
            ? Problems.InvalidRequest(faults).ToResult()
            : Results.Json(await operations.MetricsAsync(from, step, context.RequestAborted), RestJson.Relaxed.MetricsView);

        DateTimeOffset? Fault(string field, string must)
        {
            faults.Add(field, must);
            return null;
        }

        TimeSpan? FaultStep()
        {
            Fault("step_seconds", "must be whole minutes from 60 to 86400");
            return null;
        }
    }

    private static async Task<IResult> LimitAsync(string id, HttpContext context, WorkshopOperations operations)
    {
        JsonElement body = default;
        var unreadable = await JsonBody.ReadAsync(
            context, BodyBytesMax, (ref Utf8JsonReader reader) => body = JsonInput.Element(ref reader));
        if (unreadable is not null)
        {
            return unreadable.ToResult();
        }

        return body.ValueKind == JsonValueKind.Object
            && body.TryGetProperty("slots_max", out var value)
            && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var slots)
                ? Results.Json(await operations.LimitAsync(id, slots, context.RequestAborted), RestJson.Relaxed.WorkerView)
                : Problems.InvalidField("slots_max", "must be a whole number; 0 is no limit").ToResult();
    }

    private static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string name, string tag, string summary) =>
        endpoint.WithName(name).WithTags(tag).WithSummary(summary);
}
