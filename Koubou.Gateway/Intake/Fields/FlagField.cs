using System.Text.Json;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

internal sealed class FlagField(string name, string description, Action<TaskSpec, bool> set)
    : TaskField(name, description)
{
    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
        {
            return "must be true or false";
        }

        set(spec, reader.GetBoolean());
        return null;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Boolean,
        Description = Description,
    };
}
