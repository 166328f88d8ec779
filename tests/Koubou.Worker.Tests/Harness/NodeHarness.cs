using System.Runtime.InteropServices;
using Koubou.OllamaStandIn;
using Koubou.ServiceDefaults;
using Koubou.Worker.Backends.Ollama;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Memory;
using Koubou.Worker.Nodes;
using Koubou.Worker.Pool;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Koubou.Worker.Tests.Harness;

/// <summary>A worker node as the program builds it, in this process. A log line of level error fails the test.</summary>
internal sealed class NodeHarness : IAsyncDisposable
{
    private const string OllamaConnection = "ConnectionStrings:ollama-gemma2";

    private readonly WebApplication _app;
    private readonly string _home;

    private NodeHarness(WebApplication app, string home, LogCatcher logs)
    {
        _app = app;
        _home = home;
        Logs = logs;
    }

    public LogCatcher Logs { get; }

    public string Home => _home;

    public CraftsmanPool Pool => _app.Services.GetRequiredService<CraftsmanPool>();

    public NodeConnection Connection => _app.Services.GetRequiredService<NodeConnection>();

    public DrainSignals Signals => _app.Services.GetRequiredService<DrainSignals>();

    public IHostApplicationLifetime Lifetime => _app.Lifetime;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Starts a node with an Ollama that nobody configured and nobody runs, unless settings say otherwise.</summary>
    public static async Task<NodeHarness> StartAsync(
        ScriptedScheduler scheduler, Action<Dictionary<string, string?>>? settings = null,
        Action<WorkerNodeBuilder>? craftsmen = null, TimeProvider? clock = null,
        Action<IServiceCollection>? services = null)
    {
        var home = Directory.CreateTempSubdirectory("koubou-worker-").FullName;
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["KOUBOU_HOME"] = home,
            ["Koubou:Scheduler:Address"] = scheduler.Address,
            ["Koubou:Worker:NodeId"] = "test-node",
            ["Koubou:Worker:ReconnectDelayMin"] = "00:00:00.005",
            ["Koubou:Worker:ReconnectDelayMax"] = "00:00:00.050",
            ["Koubou:Worker:Demo:PieceDelay"] = "00:00:00",
            ["Koubou:Worker:Ollama:Endpoint"] = $"http://127.0.0.1:{FreePort.Next()}",
        };
        settings?.Invoke(values);
        if (values.Keys.Any(key => key.StartsWith("Koubou:Worker:Backends:", StringComparison.Ordinal)))
        {
            // Where backends are named, nothing is looked for beside them.
            values.Remove("Koubou:Worker:Ollama:Endpoint");
        }

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Testing" });
        builder.Configuration.AddInMemoryCollection(values);
        var node = builder.AddWorkerNode([]);
        if (!values.ContainsKey(OllamaConnection))
        {
            builder.Services.AddSingleton(new OllamaSource(IsConfigured: false));
        }

        craftsmen?.Invoke(node);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton<IMemoryGauge>(new FixedMemory(AvailableMebibytes: 4096));
        services?.Invoke(builder.Services);
        var logs = new LogCatcher();
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddProvider(logs);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync();
        return new NodeHarness(app, home, logs);
    }

    /// <summary>Settings that name this Ollama.</summary>
    public static Action<Dictionary<string, string?>> With(StandInServer ollama) => With(ollama.Address);

    public static Action<Dictionary<string, string?>> With(Uri ollama) => values =>
    {
        values["Koubou:Worker:Ollama:Endpoint"] = null;
        values[OllamaConnection] = $"Endpoint={ollama};Model=gemma2:2b";
    };

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        // Nobody waits for work that a test left open.
        Signals.Count(PosixSignal.SIGTERM);
        Signals.Count(PosixSignal.SIGTERM);
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_home, recursive: true);
        Assert.Empty(Logs.Lines.Items.Where(line => line.Level >= LogLevel.Error && !IsHealthReport(line)).Select(line => line.Text));
    }

    // The framework logs an unhealthy report as an error; a test that asks for one expects it.
    private static bool IsHealthReport(LogLine line) =>
        line.Category.StartsWith("Microsoft.Extensions.Diagnostics.HealthChecks", StringComparison.Ordinal);
}
