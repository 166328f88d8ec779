using Koubou.Contracts;

namespace Koubou.Web.Pages.OneTask;

/// <summary>One task in the graph, at its place: levels from top to bottom in the order of work.</summary>
public sealed record GraphNode(string Id, string Name, TaskState State, int Level, int Place);

/// <summary>From a task to one that waits for it.</summary>
public sealed record GraphEdge(GraphNode From, GraphNode To);

/// <summary>What a task waits for, and what waits for it, as far as it is known.</summary>
public sealed record DependencyGraph(IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges)
{
    public int Levels => Nodes.Count == 0 ? 0 : Nodes.Max(node => node.Level) + 1;

    public int Places => Nodes.Count == 0 ? 0 : Nodes.Max(node => node.Place) + 1;

    /// <summary>
    /// Each task stands below all that it waits for. Ids that no record tells of were deleted; they still stand there.
    /// </summary>
    public static DependencyGraph Of(IReadOnlyCollection<TaskRecord> tasks)
    {
        var known = tasks.ToDictionary(task => task.Id, StringComparer.Ordinal);
        var ids = tasks.Select(task => task.Id).Concat(tasks.SelectMany(task => task.Spec.DependsOn))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        var rows = new Dictionary<int, int>();
        var nodes = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        foreach (var id in ids.OrderBy(ColumnOf).ThenBy(id => id, StringComparer.Ordinal))
        {
            var column = columns[id];
            var row = rows.GetValueOrDefault(column);
            rows[column] = row + 1;
            nodes[id] = new GraphNode(
                id, known.GetValueOrDefault(id)?.Spec.Prompt ?? "", known.GetValueOrDefault(id)?.State ?? TaskState.Unspecified,
                column, row);
        }

        return new DependencyGraph(
            [.. nodes.Values],
            [.. tasks.SelectMany(task => task.Spec.DependsOn.Distinct(StringComparer.Ordinal)
                .Select(dependency => new GraphEdge(nodes[dependency], nodes[task.Id])))]);

        int ColumnOf(string id)
        {
            if (!columns.TryGetValue(id, out var column))
            {
                // Set before looking further: a circle, which no scheduler takes, would have no end.
                columns[id] = 0;
                columns[id] = column = known.TryGetValue(id, out var task)
                    ? task.Spec.DependsOn.Select(dependency => ColumnOf(dependency) + 1).DefaultIfEmpty().Max()
                    : 0;
            }

            return column;
        }
    }
}
