using System.Globalization;
using Koubou.Contracts;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// Where the next page begins: the key of the last task shown, and before it the value that the list is sorted by.
/// Samples: <c>7214398012</c>, <c>8.7214398012</c>.
/// </summary>
internal static class PageTokens
{
    private const int FinishedAt = 7;
    private const int Priority = 13;

    /// <summary>The column that comes before the key; null: none.</summary>
    public static string? ColumnOf(TaskOrder order) => order switch
    {
        TaskOrder.Priority => "priority",
        TaskOrder.Finished => "finished_at",
        _ => null,
    };

    public static string Write(TaskOrder order, SqliteDataReader row)
    {
        var key = row.GetInt64(0).ToString(CultureInfo.InvariantCulture);
        return order switch
        {
            TaskOrder.Priority => $"{row.GetInt32(Priority)}.{key}",
            TaskOrder.Finished => $"{row.GetInt64(FinishedAt)}.{key}",
            _ => key,
        };
    }

    /// <summary>The condition that passes over what was shown.</summary>
    public static string After(ListRequest request, TaskFilter filter)
    {
        if (request.PageToken.Length == 0)
        {
            return "";
        }

        var beyond = request.OldestFirst ? ">" : "<";
        var parts = request.PageToken.Split('.');
        var key = filter.Add(long.Parse(parts[^1], CultureInfo.InvariantCulture));
        if (ColumnOf(request.Order) is not { } column || parts.Length == 1)
        {
            return $" AND key {beyond} {key}";
        }

        var value = filter.Add(long.Parse(parts[0], CultureInfo.InvariantCulture));
        return $" AND ({column}, key) {beyond} ({value}, {key})";
    }
}
