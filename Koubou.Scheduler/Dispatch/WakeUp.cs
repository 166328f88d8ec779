using System.Threading.Channels;

namespace Koubou.Scheduler.Dispatch;

/// <summary>
/// A call that one loop waits for; several calls before it looks are one. The loop goes on where it waits, without a detour
/// over another thread: each would cost an idle scheduler time, and a simulation its order.
/// </summary>
internal sealed class WakeUp
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private int _called;

    public void Call()
    {
        if (Interlocked.Exchange(ref _called, 1) == 0)
        {
            _calls.Writer.TryWrite(true);
        }
    }

    /// <summary>Waits for the next call, or for one that came since the last time.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        await _calls.Reader.ReadAsync(cancellation);
        Volatile.Write(ref _called, 0);
    }
}
