using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.OpenApi;
using Koubou.Gateway.Scheduling;
using Koubou.ServiceDefaults.Keys;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Rest.Native;

internal static class ChangeEndpoints
{
    private delegate AsyncUnaryCall<ChangeReply> Change(ChangeRequest request, CallOptions options);

    public static void MapChanges(this RouteGroupBuilder api)
    {
        api.MapPost("/tasks/{id}/cancel", CancelAsync)
            .WithName("cancelTask")
            .Needs(KeyScopes.Submit)
            .WithTags("Tasks")
            .WithSummary("Cancel a task; running work is ended on its node")
            .Produces<ChangeView>()
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        api.MapPost("/tasks/{id}/retry", RetryAsync)
            .WithName("retryTask")
            .Needs(KeyScopes.Submit)
            .WithTags("Tasks")
            .WithSummary("Put a failed, cancelled or expired task back with fresh attempts")
            .Produces<ChangeView>()
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        api.MapDelete("/tasks/{id}", DeleteAsync)
            .WithName("deleteTask")
            .Needs(KeyScopes.Submit)
            .WithTags("Tasks")
            .WithSummary("Remove a finished task and its output")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        api.MapPost("/tasks/cancel", CancelManyAsync)
            .WithName("cancelTasks")
            .Needs(KeyScopes.Submit)
            .WithTags("Tasks")
            .WithSummary("Cancel many tasks")
            .AcceptsIds()
            .Produces<ChangesReply>()
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status415UnsupportedMediaType);
        api.MapPost("/tasks/retry", RetryManyAsync)
            .WithName("retryTasks")
            .Needs(KeyScopes.Submit)
            .WithTags("Tasks")
            .WithSummary("Put many finished tasks back")
            .AcceptsIds()
            .Produces<ChangesReply>()
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status415UnsupportedMediaType);
    }

    private static Task<IResult> CancelAsync(
        string id, HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits) =>
        ChangeOneAsync(Caller.Of(context).Change(id), ChangeRefusal.Cancel, scheduler.CancelAsync, limits.Brief(context.RequestAborted));

    private static Task<IResult> RetryAsync(
        string id, HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits) =>
        ChangeOneAsync(Caller.Of(context).Change(id), ChangeRefusal.Retry, scheduler.RetryAsync, limits.Brief(context.RequestAborted));

    private static async Task<IResult> DeleteAsync(
        string id, HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits)
    {
        var options = limits.Brief(context.RequestAborted);
        var reply = await scheduler.DeleteAsync(Caller.Of(context).Change(id), options);
        return ChangeRefusal.Of(reply.Results[0], ChangeRefusal.Delete)?.ToResult() ?? Results.NoContent();
    }

    private static Task<IResult> CancelManyAsync(
        HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits, IOptions<IntakeOptions> intake) =>
        ChangeManyAsync(context, scheduler.CancelAsync, limits, intake.Value);

    private static Task<IResult> RetryManyAsync(
        HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits, IOptions<IntakeOptions> intake) =>
        ChangeManyAsync(context, scheduler.RetryAsync, limits, intake.Value);

    private static async Task<IResult> ChangeOneAsync(
        ChangeRequest request, string verb, Change change, CallOptions options)
    {
        var reply = await change(request, options);
        var result = reply.Results[0];
        return ChangeRefusal.Of(result, verb)?.ToResult() ?? Results.Json(ChangeView.Of(result), RestJson.Relaxed.ChangeView);
    }

    private static async Task<IResult> ChangeManyAsync(
        HttpContext context, Change change, CallLimits limits, IntakeOptions intake)
    {
        var request = Caller.Of(context).Change();
        var faults = new FaultList();
        var unreadable = await JsonBody.ReadAsync(
            context,
            intake.TaskBodyBytesMax,
            (ref System.Text.Json.Utf8JsonReader reader) => IdsReader.Read(ref reader, request, faults));
        if (unreadable is not null || faults.Any)
        {
            return (unreadable ?? Problems.InvalidRequest(faults)).ToResult();
        }

        var reply = await change(request, limits.Brief(context.RequestAborted));
        return Results.Json(
            new ChangesReply([.. reply.Results.Select(ChangeView.Of)]), RestJson.Relaxed.ChangesReply);
    }
}
