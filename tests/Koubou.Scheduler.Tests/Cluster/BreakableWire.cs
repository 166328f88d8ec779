using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>A loopback port that passes everything on to another one, until a test cuts it or lets it fall silent.</summary>
internal sealed class BreakableWire : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly int _target;
    private volatile CancellationTokenSource _silence = new();

    public BreakableWire(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every connection breaks with a reset, as when a router forgets it. New ones pass.</summary>
    public void Cut()
    {
        foreach (var socket in _open.Keys)
        {
            _open.TryRemove(socket, out _);
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Dispose();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself just now.
            }
        }
    }

    /// <summary>Nothing passes any more on the connections that are there, and nobody is told. New ones pass.</summary>
    public void FallSilent() => Interlocked.Exchange(ref _silence, new CancellationTokenSource()).Cancel();

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync();
                _ = JoinAsync(near, _silence.Token);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task JoinAsync(Socket near, CancellationToken silent)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _open[near] = _open[far] = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(PassAsync(near, far, silent), PassAsync(far, near, silent));
        }
        catch (SocketException)
        {
            // Nobody listens there: the near end learns the same.
        }

        if (!silent.IsCancellationRequested)
        {
            _open.TryRemove(near, out _);
            _open.TryRemove(far, out _);
            near.Dispose();
            far.Dispose();
        }
    }

    private static async Task PassAsync(Socket from, Socket to, CancellationToken silent)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, silent) is > 0 and var length)
            {
                await to.SendAsync(buffer.AsMemory(0, length), SocketFlags.None, silent);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Broken, or silent.
        }
    }
}
