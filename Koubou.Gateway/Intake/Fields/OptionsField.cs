using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

/// <summary>Each value is kept as JSON, as it was written. Sample: <c>{"temperature": 0.2, "sandbox": "read-only"}</c>.</summary>
internal sealed class OptionsField(string name, string description) : TaskField(name, description)
{
    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return "must be an object, such as {\"temperature\": 0.2}";
        }

        using var document = JsonDocument.ParseValue(ref reader);
        try
        {
            foreach (var option in document.RootElement.EnumerateObject())
            {
                spec.Options[option.Name] = option.Value.GetRawText();
            }

            return null;
        }
        catch (InvalidOperationException)
        {
            return "has a name that is not valid Unicode";
        }
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = Description,
        AdditionalProperties = new OpenApiSchema(),
        Examples = [new JsonObject { ["temperature"] = 0.2 }],
    };
}
