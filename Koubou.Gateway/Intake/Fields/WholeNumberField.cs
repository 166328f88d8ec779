using System.Text.Json;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

internal sealed class WholeNumberField(string name, string description, string range, Action<TaskSpec, int> set)
    : TaskField(name, description)
{
    public override string? Read(ref Utf8JsonReader reader, TaskSpec spec)
    {
        if (reader.TokenType != JsonTokenType.Number || !TryWhole(ref reader, out var number))
        {
            return $"must be a whole number{range}";
        }

        set(spec, number);
        return null;
    }

    public override OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Integer,
        Format = "int32",
        Description = Description,
    };

    // 8.0 is whole too; some languages write every number so.
    private static bool TryWhole(ref Utf8JsonReader reader, out int number)
    {
        if (reader.TryGetInt32(out number))
        {
            return true;
        }

        if (reader.TryGetDouble(out var wide) && wide == Math.Truncate(wide) && Math.Abs(wide) <= int.MaxValue)
        {
            number = (int)wide;
            return true;
        }

        return false;
    }
}
