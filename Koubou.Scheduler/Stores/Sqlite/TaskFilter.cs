using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>The conditions of a list as SQL. What a client said becomes a parameter, never a part of the text.</summary>
internal sealed class TaskFilter
{
    private readonly StringBuilder _where = new("WHERE 1 = 1");
    private readonly SqliteCommand _command;

    public TaskFilter(ListRequest request, SqliteCommand command)
    {
        _command = command;
        AddList("state", request.States.Select(state => (object)(int)state));
        AddList("type", request.Types_);
        AddEqual("client", request.Client);
        AddEqual("batch", request.BatchId);
        AddEqual("node", request.Node);
        foreach (var (name, value) in request.Labels)
        {
            AddCondition($"key IN (SELECT key FROM labels WHERE name = {Add(name)} AND value = {Add(value)})");
        }

        AddTimes(request);
        if (request.Text.Length > 0)
        {
            var pattern = request.Text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_");
            AddCondition($"prompt LIKE {Add("%" + pattern + "%")} ESCAPE '\\'");
        }
    }

    /// <summary>From WHERE on.</summary>
    public string Text => _where.ToString();

    /// <summary>Adds a parameter; returns its name.</summary>
    public string Add(object value)
    {
        var name = $"$p{_command.Parameters.Count}";
        _command.Parameters.AddWithValue(name, value);
        return name;
    }

    private void AddTimes(ListRequest request)
    {
        if (request.SubmittedAfter is { } after)
        {
            AddCondition($"key >= {Add(TaskId.FirstKeyOf(ToMilliseconds(after)))}");
        }

        if (request.SubmittedBefore is { } before)
        {
            AddCondition($"key < {Add(TaskId.FirstKeyOf(ToMilliseconds(before)))}");
        }

        if (request.FinishedBefore is { } finished)
        {
            // Also bounds the key: a task finishes after it was submitted.
            AddCondition($"state >= 5 AND finished_at < {Add(ToMilliseconds(finished))}");
            AddCondition($"key < {Add(TaskId.FirstKeyOf(ToMilliseconds(finished)))}");
        }
    }

    private void AddEqual(string column, string value)
    {
        if (value.Length > 0)
        {
            AddCondition($"{column} = {Add(value)}");
        }
    }

    private void AddList(string column, IEnumerable<object> values)
    {
        var names = values.Select(Add).ToList();
        if (names.Count > 0)
        {
            AddCondition($"{column} IN ({string.Join(',', names)})");
        }
    }

    private void AddCondition(FormattableString condition) =>
        _where.Append(" AND ").Append(condition.ToString(CultureInfo.InvariantCulture));

    private static long ToMilliseconds(Timestamp moment) => moment.ToDateTimeOffset().ToUnixTimeMilliseconds();
}
