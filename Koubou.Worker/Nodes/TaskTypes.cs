using System.Collections.Frozen;
using Koubou.Contracts;

namespace Koubou.Worker.Nodes;

/// <summary>The task types that the scheduler registered, swapped whole when it says so.</summary>
internal sealed class TaskTypes
{
    private FrozenDictionary<string, TaskType> _byName = FrozenDictionary<string, TaskType>.Empty;

    public TaskType? Find(string name) => Volatile.Read(ref _byName).GetValueOrDefault(name.Length > 0 ? name : "general");

    public void Replace(IEnumerable<TaskType> types)
    {
        var byName = new Dictionary<string, TaskType>(StringComparer.Ordinal);
        foreach (var type in types)
        {
            byName[type.Name] = type;
        }

        Volatile.Write(ref _byName, byName.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
