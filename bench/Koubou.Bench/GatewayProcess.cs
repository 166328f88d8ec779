using System.Diagnostics;

namespace Koubou.Bench;

/// <summary>A gateway as a process of its own.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("koubou-bench-gateway-");
    private readonly int _port = FreePort.Next();
    private readonly Process _process;

    private GatewayProcess(string scheduler) => _process = Processes.Start(
        Path.Combine(AppContext.BaseDirectory, "Koubou.Gateway.dll"),
        [],
        new Dictionary<string, string>
        {
            ["KOUBOU_HOME"] = _home.FullName,
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_port}",
            ["KOUBOU_WS_PORT"] = "0",
            ["KOUBOU_GRAPHQL_PORT"] = "0",
            ["LOG_LEVEL"] = "WARNING",
            ["Koubou__Scheduler__Address"] = scheduler,
            ["Koubou__Web__Address"] = "http://127.0.0.1:9",
        });

    /// <summary>What it holds of the machine's memory.</summary>
    public long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<GatewayProcess> StartAsync(string scheduler)
    {
        var gateway = new GatewayProcess(scheduler);
        using var http = new HttpClient();
        var until = Stopwatch.GetTimestamp() + (60 * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < until)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{gateway._port}/health"));
                if (answer.IsSuccessStatusCode)
                {
                    return gateway;
                }
            }
            catch (HttpRequestException)
            {
                // Still starting.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        throw new InvalidOperationException("The gateway did not start.");
    }

    /// <summary>Its WebSocket, with a query.</summary>
    public Uri Sockets(string query) => new($"ws://127.0.0.1:{_port}/ws{query}");

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _home.Delete(recursive: true);
    }
}
