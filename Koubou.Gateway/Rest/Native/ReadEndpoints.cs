using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.OpenApi;
using Koubou.Gateway.Patience;
using Koubou.Gateway.Rest.Views;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Rest.Native;

internal static class ReadEndpoints
{
    private const string SimulatedHeader = "X-Koubou-Simulated";

    public static void MapReads(this RouteGroupBuilder api)
    {
        api.MapGet("/tasks", ListAsync)
            .WithName("listTasks")
            .WithTags("Tasks")
            .WithSummary("List tasks")
            .WithDescription("Newest first, by pages: give next_page_token back as page_token.")
            .TakesFilters()
            .Produces<TaskPage>()
            .Refuses(StatusCodes.Status400BadRequest);
        api.MapGet("/tasks/{id}", GetAsync)
            .WithName("getTask")
            .MayBeHeld()
            .WithTags("Tasks")
            .WithSummary("Read a task and its history")
            .WithDescription("With ?wait=30 the answer is held until the task is finished, at most that many seconds.")
            .TakesWait()
            .Produces<TaskView>()
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
        api.MapGet("/tasks/{id}/output", OutputAsync)
            .WithName("getOutput")
            .WithTags("Tasks")
            .WithSummary("Read the answer as plain text")
            .WithDescription("409 as long as there is none. The header X-Koubou-Simulated: true marks a simulated answer.")
            .Produces<string>(contentType: "text/plain")
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        api.MapGet("/tasks/{id}/output/stream", StreamAsync)
            .WithName("streamOutput")
            .HasNoEnd()
            .WithTags("Tasks")
            .WithSummary("Follow the answer as it is written")
            .WithDescription(
                "Server-sent events: chunk {offset, text, attempt}, progress {progress}, reset {attempt} (what was shown is "
                + "void), done (the task). Each id is a place, attempt:offset: resume with Last-Event-ID or ?offset=.")
            .TakesOffset()
            .Produces<string>(contentType: "text/event-stream")
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, TaskQueue.TaskQueueClient scheduler, CallLimits limits)
    {
        var faults = new FaultList();
        var request = ListQuery.Read(context.Request.Query, faults);
        if (faults.Any)
        {
            return Problems.InvalidRequest(faults).ToResult();
        }

        var reply = await scheduler.ListAsync(request, limits.Brief(context.RequestAborted));
        return Results.Json(TaskPage.Of(reply, request.IncludeOutput), RestJson.Relaxed.TaskPage);
    }

    private static async Task<IResult> GetAsync(string id, HttpRequest request, TaskLookup lookup)
    {
        var (record, problem) = await lookup.FindAsync(request, id, includeOutput: true);
        return problem?.ToResult() ?? Results.Json(TaskView.Of(record!, includeOutput: true), RestJson.Relaxed.TaskView);
    }

    private static Task StreamAsync(string id, HttpContext context, OutputStream stream) => stream.RunAsync(id, context);

    private static async Task<IResult> OutputAsync(string id, HttpContext context, TaskLookup lookup)
    {
        var record = await lookup.GetAsync(id, includeOutput: true, context.RequestAborted);
        if (record is null)
        {
            return Problems.UnknownTask(id).ToResult();
        }

        if (record.State != TaskState.Succeeded)
        {
            return Problems.NoOutput(id, record).ToResult();
        }

        if (record.IsSimulated())
        {
            context.Response.Headers[SimulatedHeader] = "true";
        }

        return Results.Text(record.Output, "text/plain", System.Text.Encoding.UTF8);
    }
}
