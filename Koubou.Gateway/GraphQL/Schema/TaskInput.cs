using GraphQL.Types;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>One task of a batch.</summary>
internal sealed class TaskInput : InputObjectGraphType
{
    public TaskInput()
    {
        Name = "TaskInput";
        foreach (var argument in TaskArguments.All())
        {
            AddField(new FieldType
            {
                Name = argument.Name,
                Description = argument.Description,
                Type = argument.Type,
            });
        }
    }
}
