using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

/// <summary>Sample: <c>{"team": "web", "ticket": "123"}</c>.</summary>
internal sealed class LabelsField(string name, string description) : TaskField(name, description)
{
    private const string Must = "must be an object of texts, such as {\"team\": \"web\"}";

    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Must;
        }

        // Read to the end even past a fault, so that the reader stands behind the object either way.
        string? fault = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = JsonInput.Text(ref reader);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && key is not null && JsonInput.Text(ref reader) is { } value)
            {
                spec.Labels[key] = value;
            }
            else
            {
                fault ??= $"{Must}; \"{key ?? "…"}\" is {JsonInput.Show(ref reader)}";
                reader.Skip();
            }
        }

        return fault;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = Description,
        AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String },
        Examples = [new JsonObject { ["team"] = "web" }],
    };
}
