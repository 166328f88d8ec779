using GraphQL.Types;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>What a listed task must be; every given part must match.</summary>
internal sealed class TaskFilter : InputObjectGraphType
{
    public TaskFilter()
    {
        Name = "TaskFilter";
        Field<ListGraphType<NonNullGraphType<StateEnum>>>("states");
        Field<ListGraphType<NonNullGraphType<StringGraphType>>>("types");
        Field<StringGraphType>("client").Description("Who asked.");
        Field<StringGraphType>("batchId");
        Field<StringGraphType>("node").Description("The node of the newest attempt.");
        Field<JsonScalar>("labels").Description("All must match: {team: \"web\"}.");
        Field<StringGraphType>("text").Description("A part of the prompt, any case.");
    }
}
