using System.Reflection;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>A store as the scheduler sees it, whose leases and records may fail or be late.</summary>
public class TroubledStore : DispatchProxy
{
    private IQueueStore? _store;

    /// <summary>The next call to lease tasks fails with this.</summary>
    internal Exception? LeaseFault { get; set; }

    /// <summary>The next call to read a task fails with this.</summary>
    internal Exception? ReadFault { get; set; }

    /// <summary>The answers to leases come when this is done.</summary>
    internal Task LeaseAnswers { get; set; } = Task.CompletedTask;

    /// <summary>How many leased tasks wait for that.</summary>
    internal int Unanswered { get; private set; }

    internal static TroubledStore Before(IQueueStore store)
    {
        var troubled = (TroubledStore)(object)Create<IQueueStore, TroubledStore>();
        troubled._store = store;
        return troubled;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IQueueStore.LeaseAsync) => new ValueTask<IReadOnlyList<LeasedTask>>(
            LeaseAsync((LeaseRequest)args![0]!, (CancellationToken)args[1]!)),
        nameof(IQueueStore.GetAsync) when ReadFault is { } fault => throw Once(fault, () => ReadFault = null),
        _ => targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null),
    };

    private async Task<IReadOnlyList<LeasedTask>> LeaseAsync(LeaseRequest request, CancellationToken cancellation)
    {
        if (LeaseFault is { } fault)
        {
            throw Once(fault, () => LeaseFault = null);
        }

        var leased = await _store!.LeaseAsync(request, cancellation);
        Unanswered += leased.Count;
        await LeaseAnswers;
        Unanswered -= leased.Count;
        return leased;
    }

    private static Exception Once(Exception fault, Action forget)
    {
        forget();
        return fault;
    }
}
