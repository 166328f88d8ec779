using System.Text.Encodings.Web;
using System.Text.Json;

namespace Koubou.Web.Charts;

/// <summary>
/// What <c>k-chart</c> draws in the browser, which alone knows the reader's time zone and the width there is. One short
/// attribute instead of hundreds of elements for each open page.
/// </summary>
/// <param name="Kind"><c>bars</c>, stacked, or <c>lines</c>.</param>
/// <param name="Unit">Stands behind numbers, such as <c> s</c>.</param>
/// <param name="From">The first step, in milliseconds since 1970.</param>
/// <param name="Step">Length of a step in milliseconds.</param>
/// <param name="Series">From the ground upwards.</param>
public sealed record ChartData(string Kind, string Unit, long From, long Step, IReadOnlyList<ChartSeries> Series)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
