using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>
/// One stream between a node and a scheduler: in order and reliable while it lives, as gRPC's; what is on its way when it
/// breaks is lost, and each side learns of the break at its own time.
/// </summary>
internal sealed class SimulatedLink(World world) : IAsyncStreamReader<NodeMessage>, IServerStreamWriter<SchedulerMessage>
{
    private readonly Queue<NodeMessage> _arrived = [];
    private TaskCompletionSource<bool>? _wanted;
    private DateTimeOffset _lastUp;
    private DateTimeOffset _lastDown;

    /// <summary>Nothing passes any more, in either direction.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The scheduler's side has noticed.</summary>
    public bool IsBroken { get; private set; }

    public CancellationTokenSource CallEnded { get; } = new();

    public NodeMessage Current { get; private set; } = new();

    public WriteOptions? WriteOptions { get; set; }

    /// <summary>What the node hears.</summary>
    public Action<SchedulerMessage> Heard { get; set; } = _ => { };

    public void FromNode(NodeMessage message)
    {
        // Later messages never overtake earlier ones.
        _lastUp = world.Later(_lastUp, world.Delay());
        world.At(_lastUp, () =>
        {
            if (!IsCut && !IsBroken)
            {
                _arrived.Enqueue(message.Clone());
                Offer();
            }
        });
    }

    public Task WriteAsync(SchedulerMessage message)
    {
        if (IsBroken)
        {
            throw new InvalidOperationException("The stream is closed.");
        }

        foreach (var lease in message.Welcome?.Kept ?? [])
        {
            world.Ledger.OnKept(lease);
        }

        var copy = message.Clone();
        _lastDown = world.Later(_lastDown, world.Delay());
        world.At(_lastDown, () =>
        {
            if (!IsCut)
            {
                Heard(copy);
            }
        });
        return Task.CompletedTask;
    }

    public Task WriteAsync(SchedulerMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return WriteAsync(message);
    }

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (IsBroken)
        {
            throw new IOException("The stream broke.");
        }

        _wanted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), _wanted);
        var task = _wanted.Task;
        Offer();
        return task;
    }

    public void Cut() => IsCut = true;

    /// <summary>The scheduler notices that the stream is gone.</summary>
    public void Break()
    {
        IsCut = true;
        if (!IsBroken)
        {
            IsBroken = true;
            CallEnded.Cancel();
            _wanted?.TrySetException(new IOException("The stream broke."));
        }
    }

    private void Offer()
    {
        if (_wanted is { Task.IsCompleted: false } && _arrived.TryDequeue(out var message))
        {
            Current = message;
            _wanted.TrySetResult(true);
        }
    }
}
