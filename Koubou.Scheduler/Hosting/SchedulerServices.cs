using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Events;
using Koubou.Scheduler.Grpc;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Maintenance;
using Koubou.Scheduler.Output;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Sqlite;
using Koubou.Scheduler.Submission;
using Koubou.Scheduler.Tasks;
using Koubou.Scheduler.TaskTypes;
using Koubou.Scheduler.Telemetry;

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

        services.AddSingleton<TaskIdSource>();
        services.AddSingleton<TaskTypeRegistry>();
        services.AddSingleton<SubmitRules>();
        services.AddSingleton<Submitter>();

        services.AddSingleton<IQueueStore, SqliteQueueStore>();
        services.AddHostedService<StoreOpener>();

        services.AddSingleton<NodeDoor>();
        services.AddSingleton<NodeRegistry>();
        services.AddSingleton<NodeDialogueFactory>();
        services.AddSingleton<Dispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<Dispatcher>());

        services.AddSingleton<WorkshopReport>();
        services.AddListener<TaskWaits>();
        services.AddListener<OutputBoard>();
        services.AddListener<CancelledWork>();
        services.AddListener<SchedulerTelemetry>();
        services.AddHostedService<EventFollower>();

        services.AddHostedService<LeaseReaper>();
        services.AddHostedService<DueReleaser>();
        services.AddHostedService<DeadlineExpirer>();
        services.AddHostedService<RetentionCleaner>();

        services.AddHealthChecks().AddCheck<StoreHealth>("queue");
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = MessageBytesMax;
            options.MaxSendMessageSize = MessageBytesMax;
            options.Interceptors.Add<StoreErrorsInterceptor>();
        });
    }

    /// <summary>Maps the gRPC services.</summary>
    public static void MapTaskQueue(this WebApplication app)
    {
        app.MapGrpcService<TaskQueueService>();
        app.MapGrpcService<WorkerGatewayService>();
    }

    private static void AddListener<T>(this IServiceCollection services)
        where T : class, IEventListener
    {
        services.AddSingleton<T>();
        services.AddSingleton<IEventListener>(provider => provider.GetRequiredService<T>());
    }

    private static void AddSchedulerOptions(this IServiceCollection services)
    {
        services.AddOptions<LeaseOptions>().BindConfiguration(LeaseOptions.Section)
            .Validate(
                lease => lease.Duration >= TimeSpan.FromSeconds(2) && lease.Duration <= TimeSpan.FromHours(1),
                "Queue:Lease:Duration must be from 00:00:02 to 01:00:00.")
            .Validate(
                lease => lease.HeartbeatInterval > TimeSpan.Zero && lease.HeartbeatInterval * 2 < lease.Duration,
                "Queue:Lease:Duration must outlast two of Queue:Lease:HeartbeatInterval, so that losing one costs nothing.")
            .ValidateOnStart();
        services.AddOptions<BackoffOptions>().BindConfiguration(BackoffOptions.Section)
            .Validate(
                backoff => backoff.First > TimeSpan.Zero && backoff.Longest >= backoff.First
                    && backoff.Longest <= TimeSpan.FromDays(1),
                "Queue:Backoff:First must be above zero, and Queue:Backoff:Longest from First to 1.00:00:00.")
            .Validate(backoff => backoff.Factor is >= 1 and <= 10, "Queue:Backoff:Factor must be from 1 to 10.")
            .Validate(backoff => backoff.Jitter is >= 0 and <= 0.5, "Queue:Backoff:Jitter must be from 0 to 0.5.")
            .ValidateOnStart();
        services.AddOptions<SubmitLimits>().BindConfiguration(SubmitLimits.Section)
            .Validate(limits => limits.BatchMax is >= 1 and <= 10_000, "Queue:Limits:BatchMax must be from 1 to 10000.")
            .Validate(
                limits => limits.PromptBytesMax is >= 1024 and <= 32 * 1024 * 1024,
                "Queue:Limits:PromptBytesMax must be from 1024 to 33554432.")
            .Validate(limits => limits.LiveTasksMax >= 1, "Queue:Limits:LiveTasksMax must be 1 or more.")
            .Validate(
                limits => limits.LoosestDataPolicy is DataPolicy.Local or DataPolicy.Private or DataPolicy.Any,
                "Queue:Limits:LoosestDataPolicy must be Local, Private or Any.")
            .ValidateOnStart();
        services.AddOptions<MaintenanceOptions>().BindConfiguration(MaintenanceOptions.Section)
            .Validate(
                loops => loops.Interval >= TimeSpan.FromMilliseconds(10) && loops.Interval <= TimeSpan.FromSeconds(10),
                "Queue:Maintenance:Interval must be from 00:00:00.010 to 00:00:10.")
            .Validate(
                loops => loops.Retention >= TimeSpan.FromMinutes(1), "Queue:Maintenance:Retention must be 00:01:00 or more.")
            .Validate(
                loops => loops.CleanInterval >= TimeSpan.FromSeconds(1) && loops.CleanInterval <= TimeSpan.FromDays(1),
                "Queue:Maintenance:CleanInterval must be from 00:00:01 to 1.00:00:00.")
            .Validate(loops => loops.StepMax is >= 1 and <= 100_000, "Queue:Maintenance:StepMax must be from 1 to 100000.")
            .ValidateOnStart();
        services.AddOptions<SqliteOptions>().BindConfiguration(SqliteOptions.Section)
            .Validate(
                sqlite => sqlite.LeaseCommitDelay >= TimeSpan.Zero && sqlite.LeaseCommitDelay <= TimeSpan.FromSeconds(1),
                "Queue:Sqlite:LeaseCommitDelay must be from 00:00:00 to 00:00:01.")
            .Validate(sqlite => sqlite.SpecCacheBytes >= 0, "Queue:Sqlite:SpecCacheBytes must be 0 or more.")
            .Validate(
                sqlite => sqlite.EventsInMemory is >= 16 and <= 10_000_000,
                "Queue:Sqlite:EventsInMemory must be from 16 to 10000000.")
            .ValidateOnStart();
        services.AddOptions<NodeOptions>().BindConfiguration(NodeOptions.Section);
    }
}
