using GraphQL.Types;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Events;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>One change of one task, as the log of changes keeps it.</summary>
internal sealed class ChangeGraph : ViewType<TaskUpdatePayload>
{
    public ChangeGraph(TaskLookup lookup)
        : base(change => change.State)
    {
        Description = "One change of one task.";
        Field<NonNullGraphType<StateEnum>>("state").Resolve(context => context.Source.State);
        Field<TaskGraph>("task")
            .Description("The task as it stands now; null when it was deleted since.")
            .ResolveAsync(async context =>
            {
                var record = await lookup.GetAsync(context.Source.TaskId, includeOutput: true, context.CancellationToken);
                return record is null ? null : TaskView.Of(record, includeOutput: true);
            });
    }
}
