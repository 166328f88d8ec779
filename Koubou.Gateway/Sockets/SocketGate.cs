using Koubou.Gateway.Intake;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Sockets;

/// <summary>Counts the WebSockets of all doors, so that their number has a bound.</summary>
internal sealed class SocketGate(IOptions<IntakeOptions> options)
{
    private int _open;

    /// <summary>A place to be disposed when the socket is gone; null when all are taken.</summary>
    public IDisposable? Enter()
    {
        if (Interlocked.Increment(ref _open) <= options.Value.SocketsMax)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _open);
        return null;
    }

    private sealed class Place(SocketGate gate) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref gate._open);
    }
}
