namespace Koubou.Web.Charts;

/// <summary>One row of numbers of a chart.</summary>
/// <param name="Name">In the reader's language.</param>
/// <param name="Dye">A colour of the palette: <c>pine</c>, <c>seal</c>, <c>indigo</c>, <c>ochre</c>, <c>line</c>.</param>
/// <param name="Values">One for each step; null leaves a gap.</param>
public sealed record ChartSeries(string Name, string Dye, IReadOnlyList<double?> Values);
