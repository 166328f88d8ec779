using Koubou.Gateway.Errors;
using Koubou.Gateway.Keys;
using Koubou.Gateway.OpenApi;
using Koubou.Gateway.Patience;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Rest.Legacy;

/// <summary>The REST surface that users of v2.1 know.</summary>
internal static class LegacyEndpoints
{
    public static void MapLegacyRest(this WebApplication app)
    {
        var task = app.MapGroup("/task").WithTags("v2.1");
        task.MapPost("/delegate", DelegateAsync)
            .WithName("delegate")
            .Needs(KeyScopes.Submit)
            .WithSummary("Delegate a task")
            .WithDescription("Answers within milliseconds, once the task is safely on disk. Ask status_url for the result.")
            .AcceptsTask()
            .Produces<DelegateReply>()
            .RefusesSubmits();
        task.MapPost("/{type}", DelegateTypeAsync)
            .WithName("delegateOfType")
            .Needs(KeyScopes.Submit)
            .WithSummary("Delegate a task of the type in the path")
            .WithDescription("Every registered task type has this route of its own, for example /task/code.")
            .AcceptsTask()
            .Produces<DelegateReply>()
            .RefusesSubmits();
        task.MapGet("/{id}/status", StatusAsync)
            .WithName("taskStatus")
            .MayBeHeld()
            .WithSummary("Read a task's state and, once there, its result")
            .WithDescription("With ?wait=30 the answer is held until the task is finished, at most that many seconds.")
            .TakesWait()
            .Produces<LegacyStatus>()
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static Task<IResult> DelegateAsync(HttpContext context, SubmitRequests submits) =>
        SubmitAsync(context, submits, null);

    private static Task<IResult> DelegateTypeAsync(string type, HttpContext context, SubmitRequests submits) =>
        SubmitAsync(context, submits, type);

    private static async Task<IResult> SubmitAsync(HttpContext context, SubmitRequests submits, string? type)
    {
        var (receipts, problem) = await submits.SubmitOneAsync(context, type);
        return problem?.ToResult() ?? Results.Json(DelegateReply.Of(receipts[0]), RestJson.Relaxed.DelegateReply);
    }

    private static async Task<IResult> StatusAsync(string id, HttpRequest request, TaskLookup lookup)
    {
        var (record, problem) = await lookup.FindAsync(request, id, includeOutput: true);
        return problem?.ToResult() ?? Results.Json(LegacyStatus.Of(record!), RestJson.Relaxed.LegacyStatus);
    }
}
