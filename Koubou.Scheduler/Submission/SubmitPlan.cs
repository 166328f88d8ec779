using Koubou.Contracts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Submission;

/// <summary>
/// How the tasks of one submit depend on one another and on earlier ones: finds faults, puts ids in the place of
/// references (<c>#3</c>: the task at index 3), and lets the strictest data policy win.
/// </summary>
internal sealed class SubmitPlan
{
    private const int DependenciesMax = 100;

    private readonly IReadOnlyList<TaskSpec> _specs;
    private readonly List<Fault> _faults = [];

    // Of tasks of before: their own policy, which holds for all that depends on them.
    private readonly Dictionary<string, DataPolicy> _earlier = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DataPolicy> _batches = new(StringComparer.Ordinal);
    private readonly int[][] _within;

    private SubmitPlan(IReadOnlyList<TaskSpec> specs)
    {
        _specs = specs;
        _within = new int[specs.Count][];
    }

    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>Reads what the store knows of the tasks and batches that are named.</summary>
    public static async Task<SubmitPlan> MakeAsync(
        IReadOnlyList<TaskSpec> specs, IQueueStore store, CancellationToken cancellation)
    {
        var plan = new SubmitPlan(specs);
        for (var index = 0; index < specs.Count; index++)
        {
            plan._within[index] = await plan.ReadAsync(index, store, cancellation);
        }

        plan.FindCircles();
        foreach (var id in specs.Select(spec => spec.BatchId).Where(id => id.Length > 0).Distinct())
        {
            if (await store.FindBatchPolicyAsync(id, cancellation) is { } policy)
            {
                plan._batches.Add(id, policy);
            }
        }

        return plan;
    }

    /// <summary>Completes tasks that have their ids and defaults. Only for a plan without faults.</summary>
    public void Apply(IReadOnlyList<NewTask> tasks)
    {
        for (var index = 0; index < tasks.Count; index++)
        {
            var dependsOn = _specs[index].DependsOn;
            for (var position = 0; position < dependsOn.Count; position++)
            {
                if (TryReadReference(dependsOn[position], out var reference))
                {
                    dependsOn[position] = tasks[reference].Id.ToString();
                }
            }
        }

        Tighten();
    }

    // The strictest policy wins along dependencies and within a batch. Each round can only tighten, and there are three
    // policies, so this ends.
    private void Tighten()
    {
        bool changed;
        do
        {
            changed = false;
            for (var index = 0; index < _specs.Count; index++)
            {
                var spec = _specs[index];
                var strictest = spec.DataPolicy;
                foreach (var other in _within[index])
                {
                    strictest = Min(strictest, _specs[other].DataPolicy);
                }

                foreach (var id in spec.DependsOn)
                {
                    strictest = Min(strictest, _earlier.GetValueOrDefault(id, strictest));
                }

                if (spec.BatchId.Length > 0)
                {
                    var ofBatch = _batches.GetValueOrDefault(spec.BatchId, strictest);
                    strictest = Min(strictest, ofBatch);
                    changed |= strictest != ofBatch;
                    _batches[spec.BatchId] = strictest;
                }

                changed |= strictest != spec.DataPolicy;
                spec.DataPolicy = strictest;
            }
        }
        while (changed);
    }

    private async Task<int[]> ReadAsync(int index, IQueueStore store, CancellationToken cancellation)
    {
        var dependsOn = _specs[index].DependsOn;
        if (dependsOn.Count > DependenciesMax)
        {
            Add(index, $"names {dependsOn.Count} tasks; at most {DependenciesMax} are taken");
            return [];
        }

        var references = new List<int>();
        foreach (var text in dependsOn)
        {
            if (TryReadReference(text, out var reference))
            {
                if (reference >= _specs.Count)
                {
                    Add(index, $"names '{text}'; this submit has tasks #0 to #{_specs.Count - 1}");
                }
                else
                {
                    references.Add(reference);
                }
            }
            else if (!_earlier.ContainsKey(text))
            {
                await FindEarlierAsync(index, text, store, cancellation);
            }
        }

        return [.. references];
    }

    private async Task FindEarlierAsync(int index, string id, IQueueStore store, CancellationToken cancellation)
    {
        if (await store.GetAsync(id, includeOutput: false, cancellation) is { } record)
        {
            _earlier.Add(id, record.Spec.DataPolicy);
        }
        else
        {
            var shown = id.Length <= 64 ? id : id[..64] + "…";
            Add(index, $"names '{shown}', and there is no such task; give an id, or #N for the task at index N of this submit");
        }
    }

    // Takes away what waits for nothing, again and again; what is left waits for itself.
    private void FindCircles()
    {
        var open = Enumerable.Range(0, _specs.Count).ToHashSet();
        var dependants = Enumerable.Range(0, _specs.Count)
            .SelectMany(index => _within[index].Distinct().Select(other => (other, index)))
            .ToLookup(pair => pair.other, pair => pair.index);
        var waits = _within.Select(references => references.Distinct().Count()).ToArray();
        var free = new Queue<int>(open.Where(index => waits[index] == 0));
        while (free.TryDequeue(out var index))
        {
            open.Remove(index);
            foreach (var dependant in dependants[index].Where(dependant => --waits[dependant] == 0))
            {
                free.Enqueue(dependant);
            }
        }

        if (open.Count > 0)
        {
            var circle = CircleFrom(open.Min(), open);
            Add(circle[0], $"makes tasks wait for one another: {string.Join(" → ", circle.Select(each => $"#{each}"))}");
        }
    }

    private List<int> CircleFrom(int start, HashSet<int> open)
    {
        var path = new List<int>();
        var index = start;
        while (!path.Contains(index))
        {
            path.Add(index);
            index = _within[index].First(open.Contains);
        }

        return [.. path.Skip(path.IndexOf(index)), index];
    }

    private static bool TryReadReference(string text, out int index)
    {
        index = -1;
        return text.Length > 1 && text[0] == '#'
            && int.TryParse(
                text.AsSpan(1),
                System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture,
                out index);
    }

    private static DataPolicy Min(DataPolicy left, DataPolicy right) => left < right ? left : right;

    private void Add(int index, string message) => _faults.Add(new Fault($"tasks[{index}].depends_on", message));
}
