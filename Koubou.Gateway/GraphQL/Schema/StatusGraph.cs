using GraphQL.Types;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Native;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>The workshop: the native view, and beside it the counts of v2.1.</summary>
internal sealed class StatusGraph : ViewType<StatusView>
{
    public StatusGraph()
        : base(status => status.Tasks)
    {
        Description = "The workshop as a whole.";
        Field<NonNullGraphType<IntGraphType>>("activeWorkers")
            .Description("Craftsmen now in the pools, busy or not.")
            .Resolve(context => context.Source.Slots);
        AddCount("pendingTasks", "Tasks that wait, for whatever reason.", TaskState.Blocked, TaskState.Scheduled, TaskState.Queued);
        AddCount("runningTasks", "Tasks that a craftsman works on.", TaskState.Running);
        AddCount("completedTasks", "Tasks with an answer.", TaskState.Succeeded);
        AddCount("failedTasks", "Tasks in the dead letter.", TaskState.Failed);
        Field<NonNullGraphType<JsonScalar>>("tasksByState")
            .Description("How many tasks are in each state, by the native words.")
            .Resolve(context => context.Source.Tasks);
    }

    private void AddCount(string name, string description, params TaskState[] states) =>
        Field<NonNullGraphType<LongGraphType>>(name)
            .Description(description)
            .Resolve(context => states.Sum(state => context.Source.Tasks[state.ToWord()]));
}
