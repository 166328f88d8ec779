using System.Net;
using System.Net.Sockets;
using Koubou.OllamaStandIn;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Processes;

/// <summary>
/// Where processes report that they live: each holds a connection open, and the kernel closes it when the last process
/// that holds it is gone. So a test waits for a death without looking again and again.
/// </summary>
internal sealed class LifeLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SignalLog<string> _born = new();
    private readonly SignalLog<string> _dead = new();
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;

    public LifeLine()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public IReadOnlyList<string> Dead => _dead.Items;

    /// <summary>A piece of bash that reports a name and then sleeps, holding the line.</summary>
    public string Hold(string name) => $"bash -c 'exec 9<>/dev/tcp/127.0.0.1/{Port}; echo {name} >&9; sleep 600'";

    public Task BornAsync(string name) => _born.FirstAsync(each => each == name, Patience.Limit);

    public Task DeadAsync(string name) => _dead.FirstAsync(each => each == name, Patience.Limit);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = FollowAsync(await _listener.AcceptTcpClientAsync(_over.Token));
        }
    }

    private async Task FollowAsync(TcpClient client)
    {
        using (client)
        using (var reader = new StreamReader(client.GetStream()))
        {
            var name = await reader.ReadLineAsync() ?? "";
            _born.Add(name);
            try
            {
                await reader.ReadToEndAsync();
            }
            catch (IOException)
            {
                // Killed with something unread: a reset is an end too.
            }

            _dead.Add(name);
        }
    }
}
