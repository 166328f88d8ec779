using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Rest;

/// <summary>From an HTTP request to receipts: body, headers and route put together into one draft.</summary>
internal sealed class SubmitRequests(TaskIntake intake, IOptions<IntakeOptions> options)
{
    private const string IdempotencyHeader = "Idempotency-Key";

    /// <param name="context">The request.</param>
    /// <param name="routeType">The task type in the path, if the path names one.</param>
    public async Task<IntakeResult> SubmitOneAsync(HttpContext context, string? routeType = null)
    {
        var draft = new Draft(isBatch: false);
        var unreadable = await JsonBody.ReadAsync(
            context,
            options.Value.TaskBodyBytesMax,
            (ref System.Text.Json.Utf8JsonReader reader) => TaskReader.ReadOne(ref reader, draft));
        if (unreadable is not null)
        {
            return new IntakeResult([], unreadable);
        }

        ApplyRouteType(draft, routeType);
        ApplyIdempotencyKey(context, draft);
        return await intake.SubmitAsync(draft, Caller.Of(context), context.RequestAborted);
    }

    public async Task<IntakeResult> SubmitManyAsync(HttpContext context)
    {
        var draft = new Draft(isBatch: true);
        var unreadable = await JsonBody.ReadAsync(
            context,
            options.Value.BatchBodyBytesMax,
            (ref System.Text.Json.Utf8JsonReader reader) => TaskReader.ReadBatch(ref reader, draft));
        if (unreadable is not null)
        {
            return new IntakeResult([], unreadable);
        }

        ApplyIdempotencyKey(context, draft);
        return await intake.SubmitAsync(draft, Caller.Of(context), context.RequestAborted);
    }

    private static void ApplyRouteType(Draft draft, string? routeType)
    {
        if (routeType is null || draft.Specs is not [var spec])
        {
            return;
        }

        if (spec.Type.Length > 0 && spec.Type != routeType)
        {
            draft.Faults.Add(
                TaskFields.Type,
                $"is \"{Problems.Shorten(spec.Type)}\" in the body but \"{Problems.Shorten(routeType)}\" in the path");
        }

        spec.Type = routeType;
    }

    // In a batch each task needs a key of its own, or they would all count as the first one.
    private static void ApplyIdempotencyKey(HttpContext context, Draft draft)
    {
        var key = context.Request.Headers[IdempotencyHeader].ToString();
        for (var i = 0; key.Length > 0 && i < draft.Specs.Count; i++)
        {
            var spec = draft.Specs[i];
            var own = draft.IsBatch ? $"{key}#{i}" : key;
            if (!draft.IsBatch && spec.IdempotencyKey.Length > 0 && spec.IdempotencyKey != own)
            {
                draft.Faults.Add("idempotency_key", $"differs from the {IdempotencyHeader} header; send one of them");
            }

            if (spec.IdempotencyKey.Length == 0)
            {
                spec.IdempotencyKey = own;
            }
        }
    }
}
