using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Which blocked tasks depend on which tasks, ended or not. Guarded by the store's gate.</summary>
internal sealed class DependencyGraph
{
    private readonly Dictionary<TaskId, HashSet<LiveTask>> _dependants = [];

    /// <summary>Whether a blocked task depends on this one, so that its state must stay known.</summary>
    public bool IsNeeded(TaskId id) => _dependants.ContainsKey(id);

    /// <summary>The blocked tasks that depend on one, by submission.</summary>
    public IReadOnlyList<LiveTask> DependantsOf(TaskId id) =>
        _dependants.TryGetValue(id, out var tasks) ? [.. tasks.OrderBy(task => task.Id.Key)] : [];

    public void Add(LiveTask blocked)
    {
        foreach (var id in blocked.DependsOn)
        {
            if (!_dependants.TryGetValue(id, out var tasks))
            {
                _dependants.Add(id, tasks = []);
            }

            tasks.Add(blocked);
        }
    }

    public void Remove(LiveTask blocked)
    {
        foreach (var id in blocked.DependsOn)
        {
            if (_dependants.TryGetValue(id, out var tasks) && tasks.Remove(blocked) && tasks.Count == 0)
            {
                _dependants.Remove(id);
            }
        }
    }

    public void Clear() => _dependants.Clear();
}
