using Koubou.Contracts;
using Koubou.Gateway.OpenApi;
using Koubou.Gateway.Patience;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Rest.Native;

internal static class WorkshopEndpoints
{
    public static void MapWorkshop(this RouteGroupBuilder api)
    {
        api.MapGet("/workers", WorkersAsync)
            .WithName("listWorkers")
            .WithTags("Workshop")
            .WithSummary("Worker nodes, their backends and what each craftsman does")
            .Produces<WorkersReply>()
            .Refuses();
        api.MapGet("/status", StatusAsync)
            .WithName("workshopStatus")
            .WithTags("Workshop")
            .WithSummary("The workshop as a whole")
            .Produces<StatusView>()
            .Refuses();
        api.MapGet("/types", TypesAsync)
            .WithName("listTypes")
            .WithTags("Workshop")
            .WithSummary("Registered task types and their defaults")
            .Produces<TypesReply>()
            .Refuses();
        api.MapGet("/events", (HttpContext context, ChangeStream stream) => stream.RunAsync(context))
            .WithName("streamEvents")
            .HasNoEnd()
            .WithTags("Workshop")
            .WithSummary("Follow the changes of tasks")
            .WithDescription(
                "Server-sent events: connected {last_sequence}, task_update (one change), gap (the log no longer holds what "
                + "was asked for). Each id is a sequence number: resume with Last-Event-ID, or with ?from= that number plus 1. "
                + "?task_id=, ?type= (by comma or repeated) and ?batch_id= narrow what is sent.")
            .Produces<string>(contentType: "text/event-stream")
            .Refuses(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> WorkersAsync(
        HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits)
    {
        var reply = await scheduler.ListWorkersAsync(new ListWorkersRequest(), limits.Brief(context.RequestAborted));
        return Results.Json(
            new WorkersReply([.. reply.Nodes.Select(WorkerView.Of)]), RestJson.Relaxed.WorkersReply);
    }

    private static async Task<IResult> StatusAsync(
        HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits)
    {
        var status = await scheduler.GetStatusAsync(new StatusRequest(), limits.Brief(context.RequestAborted));
        return Results.Json(StatusView.Of(status), RestJson.Relaxed.StatusView);
    }

    private static async Task<IResult> TypesAsync(
        HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits)
    {
        var reply = await scheduler.ListTaskTypesAsync(new ListTaskTypesRequest(), limits.Brief(context.RequestAborted));
        return Results.Json(
            new TypesReply([.. reply.Types_.Select(TypeView.Of)]), RestJson.Relaxed.TypesReply);
    }
}
