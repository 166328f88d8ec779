using GraphQL;
using GraphQL.Types;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.GraphQL.Streams;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Rest.Native.Operations;
using Koubou.Gateway.Rest.Views;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>Everything that can be read.</summary>
internal sealed class QueryRoot : ObjectGraphType
{
    private const int PagePreset = 50;
    private const int EventsPreset = 100;
    private const int EventsMax = 1_000;
    private const int TotalCountedMax = 10_000;

    private readonly TaskQueue.TaskQueueClient _scheduler;
    private readonly CallLimits _limits;

    public QueryRoot(
        TaskQueue.TaskQueueClient scheduler,
        CallLimits limits,
        TaskLookup lookup,
        EventReader events,
        WorkshopOperations operations)
    {
        _scheduler = scheduler;
        _limits = limits;
        Name = "Query";
        Field<NonNullGraphType<StatusGraph>>("systemStatus").ResolveAsync(async context => StatusView.Of(
            await scheduler.GetStatusAsync(new StatusRequest(), limits.Brief(context.CancellationToken))));
        Field<TaskGraph>("task")
            .Description("Null when no task has that id.")
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .ResolveAsync(async context => await lookup.GetAsync(
                context.GetArgument<string>("id"), includeOutput: true, context.CancellationToken) is { } record
                    ? TaskView.Of(record, includeOutput: true)
                    : null);
        Field<NonNullGraphType<ViewType<TaskConnection>>>("tasks")
            .Argument<TaskFilter>("filter")
            .Argument<SortEnum>("sort", argument => argument.DefaultValue = false)
            .Argument<IntGraphType>("first", argument => argument.DefaultValue = PagePreset)
            .Argument<StringGraphType>("after", argument => argument.Description = "The endCursor of the page before.")
            .ResolveAsync(async context => await ListAsync(context));
        Field<NonNullGraphType<ListGraphType<NonNullGraphType<ViewType<WorkerView>>>>>("workers")
            .Description("The worker nodes that are connected now.")
            .ResolveAsync(async context => (await scheduler.ListWorkersAsync(
                new ListWorkersRequest(), limits.Brief(context.CancellationToken))).Nodes.Select(WorkerView.Of));
        Field<NonNullGraphType<ListGraphType<NonNullGraphType<ViewType<TypeView>>>>>("taskTypes")
            .Description("Registered task types and their defaults.")
            .ResolveAsync(async context => (await scheduler.ListTaskTypesAsync(
                new ListTaskTypesRequest(), limits.Brief(context.CancellationToken))).Types_.Select(TypeView.Of));
        Field<NonNullGraphType<ListGraphType<NonNullGraphType<ViewType<EventNote>>>>>("events")
            .Description("The log of changes from a sequence number on, as far as it reaches now.")
            .Argument<NonNullGraphType<LongGraphType>>("from")
            .Argument<IntGraphType>("first", argument => argument.DefaultValue = EventsPreset)
            .ResolveAsync(async context => await events.ReadAsync(
                new WatchEventsRequest { FromSequence = WholeNumber(context, "from", 1, long.MaxValue) },
                (int)WholeNumber(context, "first", 1, EventsMax),
                context.CancellationToken));
        AddOperations(operations);
    }

    private void AddOperations(WorkshopOperations operations)
    {
        Field<NonNullGraphType<ViewType<BatchConnection>>>("batches")
            .Argument<IntGraphType>("first", argument => argument.DefaultValue = PagePreset)
            .Argument<StringGraphType>("after", argument => argument.Description = "The endCursor of the page before.")
            .ResolveAsync(async context =>
            {
                var page = await operations.ListBatchesAsync(
                    (int)WholeNumber(context, "first", 1, 1_000),
                    context.GetArgument<string?>("after") ?? "",
                    context.CancellationToken);
                return new BatchConnection(page.Batches, new PageInfo(page.NextPageToken is not null, page.NextPageToken));
            });
        Field<ViewType<BatchView>>("batch")
            .Description("Null when no task carries that id.")
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .ResolveAsync(async context =>
            {
                try
                {
                    return await operations.GetBatchAsync(context.GetArgument<string>("id"), context.CancellationToken);
                }
                catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
                {
                    return null;
                }
            });
        Field<NonNullGraphType<ListGraphType<NonNullGraphType<ViewType<MetricsPointView>>>>>("metrics")
            .Description("What happened, step by step, oldest first and without holes.")
            .Argument<DateTimeOffsetGraphType>("from", argument => argument.Description = "Default: an hour ago.")
            .Argument<IntGraphType>("stepSeconds", argument => argument.Description = "Whole minutes. Default: 60.")
            .ResolveAsync(async context => (await operations.MetricsAsync(
                context.GetArgument<DateTimeOffset?>("from"),
                context.GetArgument<int?>("stepSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                context.CancellationToken)).Points);
        Field<NonNullGraphType<ViewType<HealthView>>>("health")
            .Description("What is wrong with the workshop, and the command that mends it.")
            .ResolveAsync(async context => await operations.HealthAsync(context.CancellationToken));
    }

    /// <summary>The argument within its bounds, or the problem that names it.</summary>
    public static long WholeNumber(IResolveFieldContext context, string name, long min, long max)
    {
        var number = context.GetArgument<long>(name);
        return number >= min && number <= max
            ? number
            : throw new ProblemError(Problems.InvalidField(
                name, max == long.MaxValue ? $"must be at least {min}; was {number}" : $"must be from {min} to {max:N0}; was {number}"));
    }

    private async Task<TaskConnection> ListAsync(IResolveFieldContext context)
    {
        var request = new ListRequest
        {
            OldestFirst = context.GetArgument<bool>("sort"),
            PageSize = (int)WholeNumber(context, "first", 1, 1_000),
            PageToken = context.GetArgument<string?>("after") ?? "",
            IncludeOutput = context.Asks("output", "result"),
        };
        Fill(request, context.GetArgument<Dictionary<string, object?>?>("filter") ?? []);
        var reply = await _scheduler.ListAsync(request, _limits.Brief(context.CancellationToken));
        return new TaskConnection(
            [.. reply.Tasks.Select(record => TaskView.Of(record, request.IncludeOutput))],
            new PageInfo(reply.NextPageToken.Length > 0, reply.NextPageToken.OrNull()),
            Math.Min(reply.Total, TotalCountedMax),
            reply.Total <= TotalCountedMax);
    }

    private static void Fill(ListRequest request, Dictionary<string, object?> filter)
    {
        request.States.AddRange(Words(filter, "states")
            .Select(word => TaskStates.TryParse(word, out var state) ? state : TaskState.Unspecified));
        request.Types_.AddRange(Words(filter, "types"));
        request.Client = Word(filter, "client");
        request.BatchId = Word(filter, "batchId");
        request.Node = Word(filter, "node");
        request.Text = Word(filter, "text");
        if (filter.GetValueOrDefault("labels") is not { } labels)
        {
            return;
        }

        if (labels is not IDictionary<string, object?> pairs || pairs.Values.Any(value => value is not string))
        {
            throw new ProblemError(Problems.InvalidField("filter.labels", "must be an object of texts, such as {team: \"web\"}"));
        }

        foreach (var (key, value) in pairs)
        {
            request.Labels[key] = (string)value!;
        }
    }

    private static string Word(Dictionary<string, object?> filter, string name) =>
        filter.GetValueOrDefault(name) as string ?? "";

    private static IEnumerable<string> Words(Dictionary<string, object?> filter, string name) =>
        (filter.GetValueOrDefault(name) as IEnumerable<object?> ?? []).Cast<string>();
}
