using GraphQL;
using GraphQL.Types;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Errors;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>What a listed task must be; every given part must match.</summary>
internal sealed class TaskFilter : InputObjectGraphType
{
    public const string Argument = "filter";

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
        Field<DateTimeOffsetGraphType>("submittedAfter");
        Field<DateTimeOffsetGraphType>("submittedBefore");
        Field<DateTimeOffsetGraphType>("finishedBefore");
    }

    /// <summary>The filter among a field's arguments, as the scheduler reads it; without one everything matches.</summary>
    public static ListRequest Read(IResolveFieldContext context)
    {
        var filter = context.GetArgument<Dictionary<string, object?>?>(Argument) ?? [];
        var request = new ListRequest
        {
            Client = Word(filter, "client"),
            BatchId = Word(filter, "batchId"),
            Node = Word(filter, "node"),
            Text = Word(filter, "text"),
            SubmittedAfter = Time(filter, "submittedAfter"),
            SubmittedBefore = Time(filter, "submittedBefore"),
            FinishedBefore = Time(filter, "finishedBefore"),
        };
        request.States.AddRange(Words(filter, "states")
            .Select(word => TaskStates.TryParse(word, out var state) ? state : TaskState.Unspecified));
        request.Types_.AddRange(Words(filter, "types"));
        ReadLabels(request, filter.GetValueOrDefault("labels"));
        return request;
    }

    private static void ReadLabels(ListRequest request, object? labels)
    {
        if (labels is null)
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

    private static Timestamp? Time(Dictionary<string, object?> filter, string name) =>
        filter.GetValueOrDefault(name) is DateTimeOffset time ? Timestamp.FromDateTimeOffset(time) : null;
}
