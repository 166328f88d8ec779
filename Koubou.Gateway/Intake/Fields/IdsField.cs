using System.Text.Json;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

internal sealed class IdsField(string name, string description, Func<TaskSpec, ICollection<string>> list)
    : TaskField(name, description)
{
    private const string Must = "must be a list of task ids";

    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Must;
        }

        string? fault = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String && JsonInput.Text(ref reader) is { } id)
            {
                list(spec).Add(id);
            }
            else
            {
                fault ??= $"{Must}; one entry is {JsonInput.Show(ref reader)}";
                reader.Skip();
            }
        }

        return fault;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Array,
        Items = new OpenApiSchema { Type = JsonSchemaType.String },
        Description = Description,
    };
}
