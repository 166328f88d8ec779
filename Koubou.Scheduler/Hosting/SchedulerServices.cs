using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Events;
using Koubou.Scheduler.Grpc;
using Koubou.Scheduler.Maintenance;
using Koubou.Scheduler.Metrics;
using Koubou.Scheduler.Operations;
using Koubou.Scheduler.Output;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Scaling;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.RabbitMq;
using Koubou.Scheduler.Stores.Redis;
using Koubou.Scheduler.Stores.Sqlite;
using Koubou.Scheduler.Submission;
using Koubou.Scheduler.Tasks;
using Koubou.Scheduler.TaskTypes;
using Koubou.Scheduler.Telemetry;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Scheduler.Hosting;

/// <summary>Puts the scheduler together.</summary>
public static class SchedulerServices
{
    private const int MessageBytesMax = 64 * 1024 * 1024;

    /// <summary>Adds the queue: rules, store, dispatch, maintenance loops and gRPC services.</summary>
    public static void AddTaskQueue(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSchedulerOptions();

        // A node or client that hangs does not hold up the stop for longer.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));

        services.AddSingleton<TaskIdSource>();
        services.AddSingleton<TaskTypeRegistry>();
        services.AddSingleton<SubmitRules>();
        services.AddSingleton<Eligibility>();
        services.AddSingleton<Submitter>();

        services.AddEngine(builder.Configuration["Koubou:Queue"], builder.Configuration["Queue:RabbitMq:Records"]);
        services.AddHostedService<StoreOpener>();
        services.AddSingleton<Workforce>();

        services.AddSingleton<NodeDoor>();
        services.AddSingleton<NodeRegistry>();
        services.AddSingleton<NodeDialogueFactory>();
        services.AddSingleton<LeaseDesk>();
        services.AddSingleton<Dispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<Dispatcher>());

        services.AddSingleton<DependencyInputs>();

        services.AddSingleton<WorkshopReport>();
        services.AddSingleton<BulkChange>();
        services.AddSingleton<TaskTransfer>();
        services.AddSingleton<HealthInspector>();
        services.AddSingleton<SchedulerSettings>();
        services.AddHostedService<MetricsKeeper>();
        services.AddListener<TaskWaits>();
        services.AddListener<OutputBoard>();
        services.AddListener<CancelledWork>();
        services.AddListener<SchedulerTelemetry>();
        services.AddListener<MetricsBoard>();
        services.AddListener<WaitEstimator>();
        services.AddHostedService<EventFollower>();

        services.AddHostedService<LeaseReaper>();
        services.AddHostedService<DueReleaser>();
        services.AddHostedService<DeadlineExpirer>();
        services.AddHostedService<RetentionCleaner>();
        services.AddSingleton<ArtifactStore>();
        services.AddHostedService<ArtifactSweeper>();

        services.AddHealthChecks().AddCheck<StoreHealth>("queue");
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = MessageBytesMax;
            options.MaxSendMessageSize = MessageBytesMax;
            options.Interceptors.Add<ErrorInterceptor>();
            options.Interceptors.Add<JoinKeyGuard>();
        });
    }

    /// <summary>Maps the gRPC services.</summary>
    public static void MapTaskQueue(this WebApplication app)
    {
        // Looked at now, so that a wrong one keeps the service from starting.
        _ = app.Services.GetRequiredService<TaskTypeRegistry>();

        app.MapGrpcService<TaskQueueService>();
        app.MapGrpcService<WorkerGatewayService>();
        app.MapGrpcService<ExternalScalerService>();
    }

    private static void AddEngine(this IServiceCollection services, string? wanted, string? records)
    {
        switch (wanted?.ToLowerInvariant())
        {
            case null or "" or "sqlite":
                services.AddSingleton<IQueueStore, SqliteQueueStore>();
                services.AddSingleton<IPeers, NoPeers>();
                break;
            case "redis":
                services.AddRedis();
                services.AddSingleton<IQueueStore>(provider => provider.GetRequiredService<RedisQueueStore>());
                break;
            case "rabbitmq":
                services.AddBroker(records);
                break;
            default:
                // Better no queue than another one than was asked for.
                throw new SettingException($"Koubou:Queue is '{wanted}'. Allowed: sqlite, redis, rabbitmq.");
        }
    }

    // Records that several schedulers share, and what else they share there.
    private static void AddRedis(this IServiceCollection services)
    {
        services.AddSingleton<RedisQueueStore>();
        services.AddSingleton<RedisPeers>();
        services.AddSingleton<IPeers>(provider => provider.GetRequiredService<RedisPeers>());
        services.AddHostedService(provider => provider.GetRequiredService<RedisPeers>());
    }

    private static void AddBroker(this IServiceCollection services, string? records)
    {
        switch (records?.ToLowerInvariant())
        {
            case null or "" or "sqlite":
                services.AddSingleton<SqliteQueueStore>();
                services.AddSingleton<IPeers, NoPeers>();
                services.AddSingleton<IQueueStore>(provider => RabbitMqQueueStore.Create(
                    provider, provider.GetRequiredService<SqliteQueueStore>(), new SoleOutbox()));
                break;
            case "redis":
                services.AddRedis();
                services.AddSingleton<IQueueStore>(provider =>
                {
                    var shared = provider.GetRequiredService<RedisQueueStore>();
                    return RabbitMqQueueStore.Create(provider, shared, new SharedOutbox(shared.Connection));
                });
                break;
            default:
                throw new SettingException($"Queue:RabbitMq:Records is '{records}'. Allowed: sqlite, redis.");
        }
    }

    private static void AddListener<T>(this IServiceCollection services)
        where T : class, IEventListener
    {
        services.AddSingleton<T>();
        services.AddSingleton<IEventListener>(provider => provider.GetRequiredService<T>());
    }
}
