using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

internal sealed class PolicyField(string name, string description) : TaskField(name, description)
{
    private static readonly DataPolicy[] All = [DataPolicy.Local, DataPolicy.Private, DataPolicy.Any];

    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.String
            || !DataPolicies.TryParse(JsonInput.Text(ref reader), out var policy))
        {
            return $"must be one of {string.Join(", ", All.Select(known => $"\"{known.ToWord()}\""))}";
        }

        spec.DataPolicy = policy;
        return null;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.String,
        Description = Description,
        Enum = [.. All.Select(policy => JsonValue.Create(policy.ToWord())!)],
    };
}
