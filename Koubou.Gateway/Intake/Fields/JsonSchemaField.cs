using System.Text.Json;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

/// <summary>A JSON schema, kept as it was written.</summary>
internal sealed class JsonSchemaField(string name, string description) : TaskField(name, description)
{
    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return "must be a JSON schema, such as {\"type\": \"object\"}";
        }

        using var document = JsonDocument.ParseValue(ref reader);
        spec.OutputSchema = document.RootElement.GetRawText();
        return null;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = Description,
    };
}
