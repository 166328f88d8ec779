using System.Globalization;

namespace Koubou.Gateway.Rest;

/// <summary>Reads <c>?wait=30</c>: how many seconds to hold the answer until the task is finished.</summary>
internal static class WaitQuery
{
    private const double SecondsMax = 300;

    /// <summary>The longest wait that a client may ask for.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromSeconds(SecondsMax);

    /// <summary>Null for "do not wait". False, with the fault, when the value is none.</summary>
    public static bool TryRead(HttpRequest request, out TimeSpan? wait, out string? fault)
    {
        wait = null;
        fault = null;
        if (!request.Query.TryGetValue("wait", out var values))
        {
            return true;
        }

        var text = values.ToString();
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= SecondsMax)
        {
            wait = TimeSpan.FromSeconds(seconds);
            return true;
        }

        fault = $"must be a number of seconds from 0 to {SecondsMax}; was \"{Errors.Problems.Shorten(text)}\"";
        return false;
    }
}
