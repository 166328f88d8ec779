using GraphQL;
using GraphQL.Types;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.GraphQL.Streams;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Rest.Native.Keys;
using Koubou.Gateway.Rest.Native.Operations;
using Koubou.Gateway.Rest.Views;
using Koubou.Gateway.Scheduling;
using Koubou.ServiceDefaults.Keys;

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
        WorkshopOperations operations,
        KeyDesk keys)
    {
        _scheduler = scheduler;
        _limits = limits;
        Name = "Query";
        Field<NonNullGraphType<StatusGraph>>("systemStatus").ResolveAsync(async context => StatusView.Of(
            await scheduler.GetStatusAsync(new StatusRequest(), limits.Brief(context.CancellationToken))));
        Field<TaskGraph>("task")
            .Description("Null when no task has that id.")
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .Argument<IntGraphType>("waitSeconds", argument => argument.Description =
                "Holds the answer until the task is finished, at most so long.")
            .ResolveAsync(async context => await ReadAsync(context, lookup) is { } record
                ? TaskView.Of(record, includeOutput: true)
                : null);
        Field<NonNullGraphType<ViewType<TaskConnection>>>("tasks")
            .Argument<TaskFilter>(TaskFilter.Argument)
            .Argument<SortEnum>("sort", argument => argument.DefaultValue = SortEnum.Newest)
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
            .Argument<ListGraphType<NonNullGraphType<IdGraphType>>>("taskIds")
            .Argument<ListGraphType<NonNullGraphType<StringGraphType>>>("types")
            .Argument<StringGraphType>("batchId")
            .ResolveAsync(async context => await events.ReadAsync(
                SubscriptionRoot.Wanted(context),
                (int)WholeNumber(context, "first", 1, EventsMax),
                context.CancellationToken));
        AddOperations(operations, keys);
    }

    private void AddOperations(WorkshopOperations operations, KeyDesk keys)
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
        Field<NonNullGraphType<ListGraphType<NonNullGraphType<ViewType<SettingView>>>>>("settings")
            .Description("The effective settings of scheduler, worker nodes and gateway, secrets hidden. Needs the scope admin.")
            .ResolveAsync(async context => (await operations.SettingsAsync(OnlyAdmin(context))).Settings);
        Field<NonNullGraphType<ListGraphType<NonNullGraphType<ViewType<KeyView>>>>>("keys")
            .Description("The API keys, without the keys themselves. Needs the scope admin.")
            .Resolve(context =>
            {
                OnlyAdmin(context);
                return keys.List();
            });
    }

    /// <summary>Lets nobody pass whose key does not administer.</summary>
    public static CancellationToken OnlyAdmin(IResolveFieldContext context) =>
        GraphQlExecutor.CallerOf(context).Lacks(KeyScopes.Admin) is { } problem
            ? throw new ProblemError(problem)
            : context.CancellationToken;

    /// <summary>The argument within its bounds, or the problem that names it.</summary>
    public static long WholeNumber(IResolveFieldContext context, string name, long min, long max)
    {
        var number = context.GetArgument<long>(name);
        return number >= min && number <= max
            ? number
            : throw new ProblemError(Problems.InvalidField(
                name, max == long.MaxValue ? $"must be at least {min}; was {number}" : $"must be from {min} to {max:N0}; was {number}"));
    }

    private static Task<TaskRecord?> ReadAsync(IResolveFieldContext context, TaskLookup lookup)
    {
        var id = context.GetArgument<string>("id");
        return context.HasArgument("waitSeconds")
            ? lookup.WaitAsync(
                id,
                TimeSpan.FromSeconds(WholeNumber(context, "waitSeconds", 0, (long)WaitQuery.Longest.TotalSeconds)),
                includeOutput: true,
                context.CancellationToken)
            : lookup.GetAsync(id, includeOutput: true, context.CancellationToken);
    }

    private async Task<TaskConnection> ListAsync(IResolveFieldContext context)
    {
        var sort = context.GetArgument<SortEnum.Sort>("sort");
        var request = TaskFilter.Read(context);
        request.Order = sort.Order;
        request.OldestFirst = sort.Reversed;
        request.PageSize = (int)WholeNumber(context, "first", 1, 1_000);
        request.PageToken = context.GetArgument<string?>("after") ?? "";
        request.IncludeOutput = context.Asks("output", "result");
        var reply = await _scheduler.ListAsync(request, _limits.Brief(context.CancellationToken));
        return new TaskConnection(
            [.. reply.Tasks.Select(record => TaskView.Of(record, request.IncludeOutput))],
            new PageInfo(reply.NextPageToken.Length > 0, reply.NextPageToken.OrNull()),
            Math.Min(reply.Total, TotalCountedMax),
            reply.Total <= TotalCountedMax);
    }
}
