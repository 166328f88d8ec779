using System.Buffers;
using System.Text.Json;
using GraphQL.Types;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Rest.Native;
using Microsoft.OpenApi;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>
/// The fields of a submitted task as arguments, made from the one list that every JSON door reads by, and read back by
/// the same reader: so a field has the same shape, and a fault the same sentence, at every door.
/// </summary>
internal sealed class TaskArguments(TaskIntake intake)
{
    private static readonly Dictionary<string, string> SnakeNames =
        TaskFields.Names.ToDictionary(GraphQlNames.Camel, name => name);

    /// <summary>One argument for each field of a task; only the prompt must be given.</summary>
    public static IEnumerable<QueryArgument> All() => TaskFields.All.Select(field => new QueryArgument(
        field.Name == TaskFields.Prompt ? typeof(NonNullGraphType<StringGraphType>) : TypeOf(field.Schema().Type))
    {
        Name = GraphQlNames.Camel(field.Name),
        Description = field.Description,
    });

    public async Task<ReceiptView> SubmitAsync(
        IEnumerable<KeyValuePair<string, object?>> arguments, Caller caller, CancellationToken cancellationToken)
    {
        var draft = new Draft(isBatch: false);
        Read(writer => WriteTask(writer, arguments), (ref Utf8JsonReader reader) => TaskReader.ReadOne(ref reader, draft));
        return (await SubmitAsync(draft, caller, cancellationToken))[0];
    }

    public Task<IReadOnlyList<ReceiptView>> SubmitManyAsync(
        IEnumerable<IDictionary<string, object?>> tasks, string? batchId, Caller caller, CancellationToken cancellationToken)
    {
        var draft = new Draft(isBatch: true);
        Read(
            writer =>
            {
                writer.WriteStartObject();
                if (batchId is not null)
                {
                    writer.WriteString("batch_id", batchId);
                }

                writer.WriteStartArray("tasks");
                foreach (var task in tasks)
                {
                    WriteTask(writer, task);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            },
            (ref Utf8JsonReader reader) => TaskReader.ReadBatch(ref reader, draft));
        return SubmitAsync(draft, caller, cancellationToken);
    }

    private static Type TypeOf(JsonSchemaType? type) => type switch
    {
        JsonSchemaType.Integer => typeof(IntGraphType),
        JsonSchemaType.Number => typeof(FloatGraphType),
        JsonSchemaType.Boolean => typeof(BooleanGraphType),
        JsonSchemaType.Array => typeof(ListGraphType<NonNullGraphType<IdGraphType>>),
        JsonSchemaType.String => typeof(StringGraphType),
        _ => typeof(JsonScalar),
    };

    private static void WriteTask(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> task)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in task)
        {
            writer.WritePropertyName(SnakeNames[name]);
            JsonSerializer.Serialize(writer, value);
        }

        writer.WriteEndObject();
    }

    private static void Read(Action<Utf8JsonWriter> write, JsonBody.Parser parse)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            write(writer);
        }

        if (JsonBody.Parse(new ReadOnlySequence<byte>(bytes.WrittenMemory), parse) is { } problem)
        {
            throw new ProblemError(problem);
        }
    }

    private async Task<IReadOnlyList<ReceiptView>> SubmitAsync(
        Draft draft, Caller caller, CancellationToken cancellationToken)
    {
        var (receipts, problem) = await intake.SubmitAsync(draft, caller, cancellationToken);
        return problem is null ? [.. receipts.Select(ReceiptView.Of)] : throw new ProblemError(problem);
    }
}
