using System.Text.Json;

namespace Koubou.Contracts.Schemas;

/// <summary>JSON knows only numbers; schemas ask whether they are whole and how they divide.</summary>
internal static class JsonNumbers
{
    public static bool IsWhole(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number
        && (value.TryGetDecimal(out var exact)
            ? decimal.IsInteger(exact)
            : value.GetDouble() is var inexact && double.IsFinite(inexact) && double.IsInteger(inexact));

    public static bool IsCount(JsonElement value) => IsWhole(value) && value.GetDouble() is >= 0 and <= int.MaxValue;

    public static int Count(JsonElement value) => (int)value.GetDouble();

    public static int Compare(JsonElement left, JsonElement right) =>
        left.TryGetDecimal(out var exactLeft) && right.TryGetDecimal(out var exactRight)
            ? exactLeft.CompareTo(exactRight)
            : left.GetDouble().CompareTo(right.GetDouble());

    public static bool IsMultiple(JsonElement value, JsonElement of)
    {
        if (value.TryGetDecimal(out var exact) && of.TryGetDecimal(out var divisor) && divisor != 0)
        {
            return exact % divisor == 0;
        }

        var quotient = value.GetDouble() / of.GetDouble();
        return double.IsFinite(quotient) && double.IsInteger(quotient);
    }
}
