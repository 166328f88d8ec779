using Koubou.Contracts;

namespace Koubou.Web.Pages.Events;

/// <summary>Which events the tail shows.</summary>
/// <param name="Kind">Unspecified: all.</param>
/// <param name="Text">A part of the task's id, its type, client, batch, worker or model; any case.</param>
public sealed record EventFilter(EventKind Kind, string Text)
{
    public static EventFilter None { get; } = new(EventKind.Unspecified, "");

    public bool Admits(TaskEvent change) =>
        (Kind == EventKind.Unspecified || change.Kind == Kind)
        && (Text.Length == 0 || new[]
        {
            change.TaskId, change.Type, change.Client, change.BatchId, change.Node, change.Backend, change.Model,
        }.Any(part => part.Contains(Text, StringComparison.OrdinalIgnoreCase)));
}
