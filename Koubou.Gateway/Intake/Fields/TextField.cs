using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

internal sealed class TextField(string name, string description, Action<TaskSpec, string> set, string? example = null)
    : TaskField(name, description)
{
    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.String || JsonInput.Text(ref reader) is not { } text)
        {
            return "must be a text";
        }

        set(spec, text);
        return null;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.String,
        Description = Description,
        Examples = example is null ? null : [JsonValue.Create(example)!],
    };
}
