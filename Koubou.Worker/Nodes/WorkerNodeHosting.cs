using Koubou.Contracts;
using Koubou.ServiceDefaults;
using Koubou.ServiceDefaults.Scheduling;
using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Artifacts;
using Koubou.Worker.Backends;
using Koubou.Worker.Backends.AgentCli;
using Koubou.Worker.Backends.Demo;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Memory;
using Koubou.Worker.Pool;
using Koubou.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Nodes;

/// <summary>Makes a program a worker node.</summary>
public static class WorkerNodeHosting
{
    // What the host needs beyond the drain itself: the last frames and Kestrel.
    private static readonly TimeSpan ShutdownExtra = TimeSpan.FromSeconds(15);

    private static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--node-id"] = $"{WorkerOptions.Section}:{nameof(WorkerOptions.NodeId)}",
        ["--capabilities"] = $"{WorkerOptions.Section}:{nameof(WorkerOptions.Capabilities)}",
        ["--max-workers"] = $"{WorkerOptions.Section}:{nameof(WorkerOptions.SlotsMax)}",
        ["--join-key"] = $"{WorkerOptions.Section}:{nameof(WorkerOptions.JoinKey)}",
        ["--scheduler"] = SchedulerClient.AddressKey,
        // A node of v2.1 spoke to the queue itself. Here only schedulers do; the word is understood and changes nothing.
        ["--queue-type"] = "Koubou:Queue",
    };

    /// <summary>
    /// Adds everything of a worker node, service defaults included. Without a configured address it listens for health
    /// probes on a free port of this machine.
    /// </summary>
    /// <param name="builder">The program's builder.</param>
    /// <param name="args">
    /// The command line: <c>--node-id</c>, <c>--capabilities</c>, <c>--max-workers</c>, <c>--scheduler</c>,
    /// <c>--join-key</c>.
    /// </param>
    public static WorkerNodeBuilder AddWorkerNode(this WebApplicationBuilder builder, string[] args)
    {
        builder.Configuration.AddCommandLine(args, Switches);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        }

        var nodeId = NodeIdentity.Resolve(builder.Configuration);
        builder.AddServiceDefaults("worker", "workers/" + nodeId);
        ShareJoinKey(builder.Configuration);
        // A stream that breaks is told once and in plain words by the node's connection.
        builder.Logging.AddFilter("Grpc.Net.Client", LogLevel.None);
        builder.AddSchedulerClient<WorkerGateway.WorkerGatewayClient>();
        AddOptions(builder, nodeId);
        builder.AddBackends();
        builder.AddAgents();
        builder.AddSchedulerClient<TaskQueue.TaskQueueClient>();
        AddNode(builder.Services);
        return new WorkerNodeBuilder(builder.Services);
    }

    // Files that a task made go to the scheduler by calls beside the node's stream; they show the same key.
    private static void ShareJoinKey(ConfigurationManager configuration)
    {
        if (configuration[$"{WorkerOptions.Section}:{nameof(WorkerOptions.JoinKey)}"] is { Length: > 0 } own)
        {
            configuration.AddInMemoryCollection([KeyValuePair.Create(JoinKey.SettingKey, (string?)own)]);
        }
    }

    private static void AddOptions(WebApplicationBuilder builder, string nodeId)
    {
        var services = builder.Services;
        services.AddOptions<WorkerOptions>().BindSettings(WorkerOptions.Section).ValidateOnStart();
        services.PostConfigure<WorkerOptions>(options =>
        {
            options.NodeId = nodeId;
            if (options.JoinKey.Length == 0)
            {
                // A node of the scheduler's own configuration has the key already.
                options.JoinKey = builder.Configuration[JoinKey.SettingKey] ?? "";
            }
        });
        services.AddSingleton<IValidateOptions<WorkerOptions>, WorkerOptionsValidator>();
        services.AddOptions<DemoOptions>().BindSettings(DemoOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DemoOptions>, DemoOptionsValidator>();
        // Read without the validators: the host asks for this before it starts, and faults are to be told at the start.
        var worker = builder.Configuration.GetSection(WorkerOptions.Section).Get<WorkerOptions>() ?? new WorkerOptions();
        services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = worker.DrainGrace + worker.FlushTimeout + ShutdownExtra);
    }

    private static void AddNode(IServiceCollection services)
    {
        services.AddSingleton<WorkerTelemetry>();
        services.AddSingleton<ModelCraftsman>();
        services.AddSingleton<CraftsmanRegistry>();
        services.AddSingleton<IPoolSizing, DemandSizing>();
        services.AddSingleton<TaskTypes>();
        services.AddSingleton<ArtifactUploads>();
        services.AddSingleton<Workbench>();
        services.AddSingleton<CraftsmanPool>();
        services.AddSingleton<NodeOffers>();
        services.AddSingleton<IMemoryGauge, MemoryGauge>();
        services.AddSingleton<MemoryWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<MemoryWatch>());
        services.AddSingleton<NodeConnection>();
        services.AddSingleton<DrainSignals>();
        services.AddHostedService(provider => provider.GetRequiredService<DrainSignals>());
        services.AddHostedService<PoolMaintenance>();
        services.AddHostedService<WorkerNode>();
        services.AddHealthChecks().AddCheck<SchedulerHealthCheck>("scheduler");
    }
}
