using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Scheduler.Dispatch;

/// <summary>
/// What waits to be sent to one node. Whatever gathers while a frame is on its way goes out as one frame. Bounded by
/// what a node may hold: an assignment needs credit, an acknowledgement a report.
/// </summary>
internal sealed class Outbox
{
    private readonly Lock _gate = new();
    private readonly WakeUp _filled = new();
    private SchedulerMessage? _waiting;

    public void Add(Action<SchedulerMessage> put)
    {
        lock (_gate)
        {
            _waiting ??= new SchedulerMessage();
            put(_waiting);
        }

        _filled.Call();
    }

    /// <summary>Sends until cancelled.</summary>
    public async Task SendAllAsync(IServerStreamWriter<SchedulerMessage> stream, CancellationToken cancellation)
    {
        while (true)
        {
            await _filled.WaitAsync(cancellation);
            SchedulerMessage? message;
            lock (_gate)
            {
                (message, _waiting) = (_waiting, null);
            }

            // Null when it went out already, with the frame before.
            if (message is not null)
            {
                await stream.WriteAsync(message, cancellation);
            }
        }
    }
}
