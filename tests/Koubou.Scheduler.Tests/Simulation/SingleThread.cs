using System.Diagnostics.CodeAnalysis;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>Runs continuations on the simulation's own thread, in an order that the seed chooses.</summary>
/// <remarks>
/// Whatever reaches it from another thread comes at a moment that no seed decides, and would make the day unrepeatable.
/// </remarks>
internal sealed class SingleThread(Random random) : SynchronizationContext
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _strange;

    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly Lock _gate = new();

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _strange ??= Environment.StackTrace;
        }

        lock (_gate)
        {
            _ready.Add((d, state));
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <summary>Runs until nothing is ready.</summary>
    public void Drain()
    {
        if (_strange is not null)
        {
            throw new InvalidOperationException($"Something went on by way of another thread: {_strange}");
        }

        while (TryTake(out var next))
        {
            next.Callback(next.State);
        }
    }

    [SuppressMessage("Security", "CA5394", Justification = "The seed must decide.")]
    private bool TryTake(out (SendOrPostCallback Callback, object? State) next)
    {
        lock (_gate)
        {
            if (_ready.Count == 0)
            {
                next = default;
                return false;
            }

            var index = random.Next(_ready.Count);
            next = _ready[index];
            _ready.RemoveAt(index);
            return true;
        }
    }
}
