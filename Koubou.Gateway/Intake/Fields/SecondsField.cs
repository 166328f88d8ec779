using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

internal sealed class SecondsField(string name, string description, Action<TaskSpec, Duration> set)
    : TaskField(name, description)
{
    // What a protobuf duration can hold is 10,000 years; a thousand days is plenty and cannot overflow.
    private const double SecondsMax = 86_400_000;

    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.Number
            || !reader.TryGetDouble(out var seconds)
            || !(Math.Abs(seconds) <= SecondsMax))
        {
            return "must be a number of seconds";
        }

        set(spec, Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds)));
        return null;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Number,
        Description = Description,
    };
}
