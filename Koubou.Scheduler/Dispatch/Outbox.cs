using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Scheduler.Dispatch;

/// <summary>
/// What waits to be sent to one node. Whatever gathers while a frame is on its way goes out as one frame. Bounded by
/// what a node may hold: an assignment needs credit, an acknowledgement a report.
/// </summary>
internal sealed class Outbox
{
    private readonly Lock gate = new();
    private TaskCompletionSource filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SchedulerMessage? waiting;

    public void Add(Action<SchedulerMessage> put)
    {
        lock (gate)
        {
            waiting ??= new SchedulerMessage();
            put(waiting);
            filled.TrySetResult();
        }
    }

    /// <summary>Sends until cancelled.</summary>
    public async Task SendAllAsync(IServerStreamWriter<SchedulerMessage> stream, CancellationToken cancellation)
    {
        while (true)
        {
            await filled.Task.WaitAsync(cancellation);
            SchedulerMessage message;
            lock (gate)
            {
                message = waiting!;
                waiting = null;
                filled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            await stream.WriteAsync(message, cancellation);
        }
    }
}
