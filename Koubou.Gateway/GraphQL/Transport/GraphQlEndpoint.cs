using System.Text;
using System.Text.Json;
using GraphQL;
using GraphQL.Transport;
using GraphQLParser.AST;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.GraphQL.Ide;
using Koubou.Gateway.GraphQL.Streams;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Sockets;
using Koubou.ServiceDefaults.Keys;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.GraphQL.Transport;

/// <summary>
/// GraphQL over HTTP at one address: POST and GET by its specification, batches as a list, subscriptions as
/// server-sent events or over a WebSocket, and a page to try it all for browsers.
/// </summary>
internal sealed class GraphQlEndpoint(
    GraphQlExecutor executor,
    IGraphQLTextSerializer serializer,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    IOptions<GraphQlOptions> options,
    IOptions<IntakeOptions> intake)
{
    public const string Path = "/graphql";

    /// <summary>Answers whatever comes to this address.</summary>
    public Task RunAsync(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            return TransportSocket.RunAsync(context, executor, serializer, options.Value, time);
        }

        var accepted = Accepted.Of(context.Request);
        if (accepted is null)
        {
            return Problems.OfStatus(
                StatusCodes.Status406NotAcceptable,
                "None of the media types in Accept can be answered with.",
                "Ask for application/graphql-response+json, application/json or, to follow a subscription, text/event-stream.")
                .WriteAsync(context);
        }

        return HttpMethods.IsGet(context.Request.Method) ? GetAsync(context, accepted) : PostAsync(context, accepted);
    }

    private Task GetAsync(HttpContext context, Accepted accepted)
    {
        if (accepted.MediaType == Accepted.Page && !context.Request.Query.ContainsKey("query"))
        {
            return IdePage.WriteAsync(context);
        }

        var (request, problem) = RequestReader.Read(context.Request.Query, serializer);
        return problem is null ? AnswerAsync(context, request!, accepted) : RefuseAsync(context, problem, accepted);
    }

    private async Task PostAsync(HttpContext context, Accepted accepted)
    {
        JsonElement body = default;
        var unreadable = await JsonBody.ReadAsync(
            context, intake.Value.TaskBodyBytesMax, (ref Utf8JsonReader reader) => body = JsonInput.Element(ref reader));
        if (unreadable is not null)
        {
            await RefuseAsync(context, unreadable, accepted);
            return;
        }

        if (body.ValueKind == JsonValueKind.Array)
        {
            await AnswerBatchAsync(context, body, accepted);
            return;
        }

        var (request, problem) = RequestReader.Read(body, serializer);
        await (problem is null ? AnswerAsync(context, request!, accepted) : RefuseAsync(context, problem, accepted));
    }

    private async Task AnswerAsync(HttpContext context, GraphQLRequest request, Accepted accepted)
    {
        var (document, error) = executor.Read(request.Query!);
        var kind = document is null ? null : GraphQlExecutor.KindOf(document, request.OperationName);
        if (kind == OperationType.Mutation && HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            await RefuseAsync(context, MutationByGet(), accepted);
        }
        else if (document is not null
            && Caller.Of(context).Lacks(GraphQlExecutor.ScopeOf(document, request.OperationName)) is { } lacking)
        {
            await RefuseAsync(context, lacking, accepted);
        }
        else if (accepted.MediaType == Accepted.Stream)
        {
            await StreamAsync(context, request, document, error);
        }
        else if (kind == OperationType.Subscription)
        {
            await RefuseAsync(context, SubscriptionWithoutStream(), accepted);
        }
        else
        {
            var result = await ResultAsync(request, document, error, context);
            var status = result.Executed || !accepted.HonestStatus ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
            await WriteAsync(context, serializer.Serialize(result), status, accepted);
        }
    }

    private async Task AnswerBatchAsync(HttpContext context, JsonElement batch, Accepted accepted)
    {
        var length = batch.GetArrayLength();
        if (length == 0 || length > options.Value.BatchMax || accepted.MediaType == Accepted.Stream)
        {
            await RefuseAsync(
                context,
                Problems.InvalidField("body", $"must be one request, or a list of 1 to {options.Value.BatchMax} without streams"),
                accepted);
            return;
        }

        var answers = new List<string>(length);
        foreach (var entry in batch.EnumerateArray())
        {
            // The list itself counted as one request; each further entry counts as one more.
            var refusal = answers.Count > 0 ? Caller.Of(context).Refuses(KeyScopes.None) : null;
            answers.Add(serializer.Serialize(
                refusal is null ? await EntryAsync(entry, context) : new ExecutionResult(new ProblemError(refusal))));
        }

        await WriteAsync(context, $"[{string.Join(',', answers)}]", StatusCodes.Status200OK, accepted);
    }

    // One after the other: a list is a convenience, not a way to more than one's share.
    private async Task<ExecutionResult> EntryAsync(JsonElement entry, HttpContext context)
    {
        var (request, problem) = RequestReader.Read(entry, serializer);
        if (request is null)
        {
            return new ExecutionResult(new ProblemError(problem!));
        }

        var (document, error) = executor.Read(request.Query!);
        if (document is null)
        {
            return new ExecutionResult(error!);
        }

        var refusal = GraphQlExecutor.KindOf(document, request.OperationName) == OperationType.Subscription
            ? SubscriptionWithoutStream()
            : Caller.Of(context).Lacks(GraphQlExecutor.ScopeOf(document, request.OperationName));
        return refusal is null
            ? await ResultAsync(request, document, error, context)
            : new ExecutionResult(new ProblemError(refusal));
    }

    private async Task<ExecutionResult> ResultAsync(
        GraphQLRequest request, GraphQLDocument? document, ExecutionError? error, HttpContext context)
    {
        if (document is null)
        {
            return new ExecutionResult(error!);
        }

        using var pace = new Pace();
        return await executor.RunAsync(request, document, Caller.Of(context), pace, context.RequestAborted);
    }

    // Sample: event: next⏎data: {"data":{…}}⏎⏎ … event: complete⏎data: ⏎⏎ (the "distinct connections" of graphql-sse).
    private async Task StreamAsync(
        HttpContext context, GraphQLRequest request, GraphQLDocument? document, ExecutionError? error)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        await using var events = await EventStream.BeginAsync(context, time);
        var operation = new Operation(executor, request, Caller.Of(context));
        try
        {
            await operation.RunAsync(
                document, error, result => events.WriteAsync("next", null, serializer.Serialize(result)), until.Token);
            await events.WriteAsync("complete", null, "");
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // The client left, or comes back with from: … to another gateway.
        }
    }

    private Task RefuseAsync(HttpContext context, Problem problem, Accepted accepted)
    {
        var plain = accepted.MediaType is Accepted.Stream or Accepted.Page;
        return plain
            ? problem.WriteAsync(context)
            : WriteAsync(context, serializer.Serialize(new ExecutionResult(new ProblemError(problem))), problem.Status, accepted);
    }

    private static Task WriteAsync(HttpContext context, string json, int status, Accepted accepted)
    {
        context.Response.StatusCode = status;
        var type = accepted.MediaType == Accepted.Page ? "application/json" : accepted.MediaType;
        context.Response.ContentType = $"{type}; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(json, Encoding.UTF8, context.RequestAborted);
    }

    private static Problem MutationByGet() => Problems.OfStatus(
        StatusCodes.Status405MethodNotAllowed,
        "A mutation cannot be sent by GET.",
        "Send it by POST with a JSON body: {\"query\": \"mutation { … }\"}.");

    private static Problem SubscriptionWithoutStream() => Problems.OfStatus(
        StatusCodes.Status406NotAcceptable,
        "A subscription is a stream, and this answer is not.",
        "Send Accept: text/event-stream, or connect a WebSocket with the protocol graphql-transport-ws.");
}
