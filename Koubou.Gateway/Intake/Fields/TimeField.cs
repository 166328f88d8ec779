using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

internal sealed class TimeField(string name, string description, Action<TaskSpec, Timestamp> set)
    : TaskField(name, description)
{
    private const string Sample = "2026-12-31T08:30:00Z";

    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.String || !TryTime(JsonInput.Text(ref reader), out var time))
        {
            return $"must be a time with its offset, such as {Sample}";
        }

        set(spec, Timestamp.FromDateTimeOffset(time));
        return null;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.String,
        Format = "date-time",
        Description = Description,
        Examples = [JsonValue.Create(Sample)!],
    };

    // A time without an offset would mean another moment on another machine.
    private static bool TryTime(string? text, out DateTimeOffset time)
    {
        time = default;
        return text is not null
            && text.LastIndexOf('T') is > 0 and var clock
            && text.AsSpan(clock).IndexOfAny("Z+-") > 0
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out time);
    }
}
