using GraphQL.Types;
using Koubou.Contracts;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>The states of a task by the words of the native API, in capitals as GraphQL writes enums.</summary>
internal sealed class StateEnum : EnumerationGraphType
{
    public StateEnum()
    {
        Name = "TaskState";
        Description = "Where a task stands; the last four are final.";
        foreach (var state in TaskStates.All)
        {
            Add(state.ToWord().ToUpperInvariant(), state.ToWord());
        }
    }
}
