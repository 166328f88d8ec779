using GraphQL.Types;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Native;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>A task: the native view, and beside it the words of v2.1 (<c>id status result</c>).</summary>
internal sealed class TaskGraph : ViewType<TaskView>
{
    public TaskGraph()
        : base(task => task.Id, task => task.State)
    {
        Description = "A task and its history.";
        Field<NonNullGraphType<IdGraphType>>("id").Resolve(context => context.Source.Id);
        Field<NonNullGraphType<StateEnum>>("state").Resolve(context => context.Source.State);
        Field<NonNullGraphType<StringGraphType>>("status")
            .Description("The word of v2.1: pending, in_progress, completed, failed or cancelled.")
            .Resolve(context => LegacyWord(context.Source.State));
        Field<StringGraphType>("result")
            .Description("The answer; null until it is there.")
            .Resolve(context => context.Source.Output);
    }

    /// <summary>From the native word to that of v2.1.</summary>
    public static string LegacyWord(string word) =>
        TaskStates.TryParse(word, out var state) ? state.ToLegacyWord() : word;
}
