namespace Koubou.Web.Live;

/// <summary>Labels on one line: <c>project=apollo, night</c>.</summary>
internal static class LabelText
{
    public static string Of(IEnumerable<KeyValuePair<string, string>>? labels) => string.Join(", ", (labels ?? [])
        .OrderBy(label => label.Key, StringComparer.Ordinal)
        .Select(label => label.Value.Length == 0 ? label.Key : $"{label.Key}={label.Value}"));
}
