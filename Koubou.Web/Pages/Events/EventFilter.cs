using Koubou.Contracts;
using Microsoft.AspNetCore.WebUtilities;

namespace Koubou.Web.Pages.Events;

/// <summary>Which events the tail shows. It lives in the address, so that it survives a reload and can be sent.</summary>
/// <param name="Kind">Unspecified: all.</param>
/// <param name="Text">A part of the task's id, its type, client, batch, worker or model; any case.</param>
public sealed record EventFilter(EventKind Kind, string Text)
{
    private const string KindKey = "kind";
    private const string TextKey = "q";

    public static EventFilter None { get; } = new(EventKind.Unspecified, "");

    /// <summary>Reads <c>?kind=started&amp;q=minutes</c>; what it does not know is passed over.</summary>
    public static EventFilter Parse(string query)
    {
        var values = QueryHelpers.ParseQuery(query);
        var kind = Enum.GetValues<EventKind>().FirstOrDefault(
            kind => Word(kind).Equals(values.GetValueOrDefault(KindKey).ToString(), StringComparison.OrdinalIgnoreCase));
        return new EventFilter(kind, values.GetValueOrDefault(TextKey).ToString());
    }

    /// <summary>The query that <see cref="Parse"/> reads; empty without any filter.</summary>
    public string ToQuery()
    {
        var pairs = new[] { (KindKey, Kind == EventKind.Unspecified ? "" : Word(Kind)), (TextKey, Text) };
        return string.Concat(pairs
            .Where(pair => pair.Item2.Length > 0)
            .Select((pair, index) => $"{(index == 0 ? '?' : '&')}{pair.Item1}={Uri.EscapeDataString(pair.Item2)}"));
    }

    public bool Admits(TaskEvent change) =>
        (Kind == EventKind.Unspecified || change.Kind == Kind)
        && (string.IsNullOrWhiteSpace(Text) || new[]
        {
            change.TaskId, change.Type, change.Client, change.BatchId, change.Node, change.Backend, change.Model,
        }.Any(part => part.Contains(Text.Trim(), StringComparison.OrdinalIgnoreCase)));

    private static string Word(EventKind kind) => kind.ToString().ToLowerInvariant();
}
