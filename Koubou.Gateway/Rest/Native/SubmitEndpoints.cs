using Koubou.Contracts;
using Koubou.Gateway.Keys;
using Koubou.Gateway.OpenApi;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Rest.Native;

internal static class SubmitEndpoints
{
    public static void MapSubmits(this RouteGroupBuilder api)
    {
        api.MapPost("/tasks", SubmitAsync)
            .WithName("submitTask")
            .Needs(KeyScopes.Submit)
            .WithTags("Tasks")
            .WithSummary("Submit a task")
            .WithDescription("201 once the task is safely on disk; 200 when its idempotency key was known already.")
            .AcceptsTask()
            .TakesIdempotencyKey()
            .Produces<ReceiptView>(StatusCodes.Status201Created)
            .Produces<ReceiptView>()
            .RefusesSubmits();
        api.MapPost("/tasks/batch", SubmitBatchAsync)
            .WithName("submitBatch")
            .Needs(KeyScopes.Submit)
            .WithTags("Tasks")
            .WithSummary("Submit many tasks, all or none")
            .WithDescription("At most 1,000 by default. Faults are named as tasks[3].priority.")
            .AcceptsBatch()
            .TakesIdempotencyKey()
            .Produces<BatchReply>(StatusCodes.Status201Created)
            .RefusesSubmits();
    }

    private static async Task<IResult> SubmitAsync(HttpContext context, SubmitRequests submits)
    {
        var (receipts, problem) = await submits.SubmitOneAsync(context);
        if (problem is not null)
        {
            return problem.ToResult();
        }

        var receipt = receipts[0];
        context.Response.Headers.Location = NativeEndpoints.TaskUrl(receipt.Id);
        return Results.Json(
            ReceiptView.Of(receipt),
            RestJson.Relaxed.ReceiptView,
            statusCode: receipt.Duplicate ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private static async Task<IResult> SubmitBatchAsync(HttpContext context, SubmitRequests submits)
    {
        var (receipts, problem) = await submits.SubmitManyAsync(context);
        return problem?.ToResult() ?? Results.Json(
            new BatchReply([.. receipts.Select(ReceiptView.Of)]),
            RestJson.Relaxed.BatchReply,
            statusCode: StatusCodes.Status201Created);
    }
}
