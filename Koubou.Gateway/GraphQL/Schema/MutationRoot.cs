using GraphQL;
using GraphQL.Execution;
using GraphQL.Types;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Rest.Native.Keys;
using Koubou.Gateway.Rest.Native.Operations;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>Everything that can be changed.</summary>
internal sealed class MutationRoot : ObjectGraphType
{
    private readonly CallLimits _limits;

    public MutationRoot(TaskQueue.TaskQueueClient scheduler, CallLimits limits, TaskArguments tasks, WorkshopOperations operations, KeyDesk keys)
    {
        _limits = limits;
        Name = "Mutation";
        Field<NonNullGraphType<ReceiptGraph>>("submitTask")
            .Description("Answered once the task is safely on disk.")
            .Arguments(TaskArguments.All())
            .ResolveAsync(async context => await tasks.SubmitAsync(
                Given(context), GraphQlExecutor.CallerOf(context), context.CancellationToken));
        Field<NonNullGraphType<ListGraphType<NonNullGraphType<ReceiptGraph>>>>("submitTasks")
            .Description("Many tasks, all or none.")
            .Argument<NonNullGraphType<ListGraphType<NonNullGraphType<TaskInput>>>>("tasks")
            .Argument<StringGraphType>("batchId", argument => argument.Description = "For the tasks that name no batch.")
            .ResolveAsync(async context => await tasks.SubmitManyAsync(
                context.GetArgument<List<Dictionary<string, object?>>>("tasks"),
                context.GetArgument<string?>("batchId"),
                GraphQlExecutor.CallerOf(context),
                context.CancellationToken));

        AddChange("cancelTask", "Running work is ended on its node.", ChangeRefusal.Cancel, scheduler.CancelAsync);
        AddChange("retryTask", "Puts a failed, cancelled or expired task back with fresh attempts.", ChangeRefusal.Retry, scheduler.RetryAsync);
        AddChange("deleteTask", "Removes a finished task and its output.", ChangeRefusal.Delete, scheduler.DeleteAsync);
        AddChanges("cancelTasks", "Each id has its own outcome.", scheduler.CancelAsync);
        AddChanges("retryTasks", "Each id has its own outcome.", scheduler.RetryAsync);
        AddBulk("cancelBatch", "Cancels every task of a batch that has not finished.", Contracts.Change.Cancel, operations);
        AddBulk("deleteBatch", "Removes the finished tasks of a batch.", Contracts.Change.Delete, operations);
        AddDead("replayDeadLetter", "Puts every failed task back with fresh attempts.", Contracts.Change.Retry, operations);
        AddDead("purgeDeadLetter", "Removes every failed task.", Contracts.Change.Delete, operations);
        AddNode("drainWorker", "Lets a node finish what it has and take no more.", operations.DrainAsync);
        AddNode("resumeWorker", "Lets a drained node take tasks again.", operations.ResumeAsync);
        Field<NonNullGraphType<ViewType<WorkerView>>>("limitWorker")
            .Description("Sets how many craftsmen a node may have; 0: no limit. Needs the scope admin.")
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .Argument<NonNullGraphType<IntGraphType>>("slotsMax")
            .ResolveAsync(async context => await operations.LimitAsync(
                context.GetArgument<string>("id"), context.GetArgument<int>("slotsMax"), QueryRoot.OnlyAdmin(context)));
        AddKeys(keys);
    }

    private delegate AsyncUnaryCall<ChangeReply> Change(ChangeRequest request, CallOptions options);

    private void AddChange(string name, string description, string verb, Change change) =>
        Field<NonNullGraphType<ViewType<ChangeView>>>(name)
            .Description(description)
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .ResolveAsync(async context =>
            {
                var request = GraphQlExecutor.CallerOf(context).Change(context.GetArgument<string>("id"));
                var result = (await change(request, _limits.Brief(context.CancellationToken))).Results[0];
                return ChangeRefusal.Of(result, verb) is { } problem
                    ? throw new ProblemError(problem)
                    : ChangeView.Of(result);
            });

    private void AddBulk(string name, string description, Contracts.Change change, WorkshopOperations operations) =>
        Field<NonNullGraphType<ViewType<BulkReply>>>(name)
            .Description(description)
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .ResolveAsync(async context => await operations.ChangeAsync(
                GraphQlExecutor.CallerOf(context),
                change,
                new ListRequest { BatchId = context.GetArgument<string>("id") },
                context.CancellationToken));

    private void AddDead(string name, string description, Contracts.Change change, WorkshopOperations operations) =>
        Field<NonNullGraphType<ViewType<BulkReply>>>(name)
            .Description(description)
            .Argument<TaskFilter>(TaskFilter.Argument, argument => argument.Description = "Only those that match; without states.")
            .ResolveAsync(async context =>
            {
                var filter = TaskFilter.Read(context);
                if (filter.States.Count > 0)
                {
                    throw new ProblemError(Problems.InvalidField("filter.states", "is failed in the dead letter; leave it out"));
                }

                filter.States.Add(TaskState.Failed);
                return await operations.ChangeAsync(
                    GraphQlExecutor.CallerOf(context), change, filter, context.CancellationToken);
            });

    private void AddKeys(KeyDesk keys)
    {
        Field<NonNullGraphType<ViewType<KeyView>>>("addKey")
            .Description("Makes an API key; its answer alone holds the key itself. Needs the scope admin.")
            .Arguments(KeyArguments.All())
            .ResolveAsync(async context =>
            {
                var token = QueryRoot.OnlyAdmin(context);
                var (key, problem) = await keys.AddAsync(KeyArguments.Read(Given(context)), token);
                return key ?? throw new ProblemError(problem!);
            });
        Field<NonNullGraphType<IdGraphType>>("revokeKey")
            .Description("Revokes an API key; what it holds open is broken off. Answers with its id. Needs the scope admin.")
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .ResolveAsync(async context =>
            {
                var token = QueryRoot.OnlyAdmin(context);
                var id = context.GetArgument<string>("id");
                return await keys.RevokeAsync(id, token) is { } problem ? throw new ProblemError(problem) : id;
            });
    }

    private void AddNode(string name, string description, Func<string, CancellationToken, Task<WorkerView>> change) =>
        Field<NonNullGraphType<ViewType<WorkerView>>>(name)
            .Description($"{description} Needs the scope admin.")
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .ResolveAsync(async context => await change(context.GetArgument<string>("id"), QueryRoot.OnlyAdmin(context)));

    private void AddChanges(string name, string description, Change change) =>
        Field<NonNullGraphType<ListGraphType<NonNullGraphType<ViewType<ChangeView>>>>>(name)
            .Description(description)
            .Argument<NonNullGraphType<ListGraphType<NonNullGraphType<IdGraphType>>>>("ids")
            .ResolveAsync(async context =>
            {
                var request = GraphQlExecutor.CallerOf(context).Change(context.GetArgument<List<string>>("ids"));
                var reply = await change(request, _limits.Brief(context.CancellationToken));
                return reply.Results.Select(ChangeView.Of);
            });

    private static IEnumerable<KeyValuePair<string, object?>> Given(IResolveFieldContext context) =>
        (context.Arguments ?? new Dictionary<string, ArgumentValue>())
            .Where(argument => argument.Value.Source is ArgumentSource.Literal or ArgumentSource.Variable or ArgumentSource.VariableDefault)
            .Select(argument => KeyValuePair.Create(argument.Key, argument.Value.Value));
}
