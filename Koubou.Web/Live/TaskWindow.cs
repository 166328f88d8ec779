using System.Collections.Immutable;
using Koubou.Contracts;

namespace Koubou.Web.Live;

/// <summary>The newest tasks, bounded; ids sort by time, so the highest ids are the newest.</summary>
public sealed class TaskWindow
{
    private readonly int _max;
    private readonly ImmutableSortedDictionary<string, TaskSummary> _tasks;

    private TaskWindow(int max, ImmutableSortedDictionary<string, TaskSummary> tasks)
    {
        _max = max;
        _tasks = tasks;
    }

    /// <summary>Whether some tasks are known by an event only.</summary>
    public bool HasUnread => _tasks.Values.Any(task => task.IsUnread);

    public int Count => _tasks.Count;

    /// <summary>The newest first.</summary>
    public IEnumerable<TaskSummary> Tasks => _tasks.Values.Reverse();

    public static TaskWindow Empty(int max) =>
        new(max, ImmutableSortedDictionary.Create<string, TaskSummary>(StringComparer.Ordinal));

    public TaskSummary? Find(string id) => _tasks.GetValueOrDefault(id);

    public TaskWindow With(TaskEvent change)
    {
        if (change.Kind == EventKind.Deleted)
        {
            return new TaskWindow(_max, _tasks.Remove(change.TaskId));
        }

        if (_tasks.TryGetValue(change.TaskId, out var known))
        {
            return new TaskWindow(_max, _tasks.SetItem(change.TaskId, known.With(change)));
        }

        return change.Kind == EventKind.Submitted
            ? new TaskWindow(_max, _tasks.Add(change.TaskId, TaskSummary.From(change))).Bounded()
            : this;
    }

    /// <summary>
    /// The window after a reading of the newest tasks. A line that saw later events than the reading keeps them, and
    /// so does a task that was submitted after <paramref name="readFrom"/>, when the reading began.
    /// </summary>
    public TaskWindow With(IEnumerable<TaskRecord> records, long readFrom)
    {
        var tasks = _tasks.Clear();
        foreach (var record in records)
        {
            var read = TaskSummary.From(record);
            tasks = tasks.SetItem(read.Id, Find(read.Id) is { } known && known.LastEvent > read.LastEvent
                ? known with { Prompt = read.Prompt }
                : read);
        }

        var later = _tasks.Values.Where(task => task.LastEvent > readFrom && !tasks.ContainsKey(task.Id));
        return new TaskWindow(_max, tasks.AddRange(later.Select(task => KeyValuePair.Create(task.Id, task)))).Bounded();
    }

    private TaskWindow Bounded()
    {
        var tasks = _tasks;
        while (tasks.Count > _max)
        {
            tasks = tasks.Remove(tasks.Keys.First());
        }

        return ReferenceEquals(tasks, _tasks) ? this : new TaskWindow(_max, tasks);
    }
}
