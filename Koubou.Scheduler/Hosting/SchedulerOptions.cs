using Koubou.Contracts;
using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Maintenance;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores.RabbitMq;
using Koubou.Scheduler.Stores.Redis;
using Koubou.Scheduler.Stores.Sqlite;
using Koubou.Scheduler.Submission;
using Koubou.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Hosting;

/// <summary>The scheduler's settings, each looked at before anything starts.</summary>
internal static class SchedulerOptions
{
    public static void AddSchedulerOptions(this IServiceCollection services)
    {
        services.AddChecked<LeaseOptions>(LeaseOptions.Section, Check).Show(LeaseOptions.Section);
        services.AddChecked<BackoffOptions>(BackoffOptions.Section, Check).Show(BackoffOptions.Section);
        services.AddChecked<OrderOptions>(OrderOptions.Section, Check).Show(OrderOptions.Section);
        services.AddChecked<SubmitLimits>(SubmitLimits.Section, Check).Show(SubmitLimits.Section);
        services.AddChecked<MaintenanceOptions>(MaintenanceOptions.Section, Check).Show(MaintenanceOptions.Section);
        services.AddChecked<ArtifactOptions>(ArtifactOptions.Section, Check).Show(ArtifactOptions.Section);
        // The engine in use shows its own.
        services.AddChecked<SqliteOptions>(SqliteOptions.Section, Check);
        services.AddChecked<RedisOptions>(RedisOptions.Section, Check);
        services.AddChecked<RabbitMqOptions>(RabbitMqOptions.Section, Check);
        services.AddOptions<NodeOptions>().BindSettings(NodeOptions.Section);
    }

    private static void Check(LeaseOptions lease, SettingFaults faults)
    {
        faults.CheckTime(nameof(lease.Duration), lease.Duration, TimeSpan.FromSeconds(2), TimeSpan.FromHours(1));

        // A lease must outlast two heartbeats, so that losing one costs nothing.
        faults.Check(
            lease.HeartbeatInterval > TimeSpan.Zero && lease.HeartbeatInterval * 2 < lease.Duration,
            nameof(lease.HeartbeatInterval),
            lease.HeartbeatInterval,
            $"less than half of Duration ({lease.Duration})");
        faults.CheckTime(nameof(lease.Ahead), lease.Ahead ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    }

    private static void Check(BackoffOptions backoff, SettingFaults faults)
    {
        faults.CheckTime(nameof(backoff.First), backoff.First, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        faults.CheckTime(nameof(backoff.Longest), backoff.Longest, backoff.First, TimeSpan.FromDays(1));
        faults.Check(backoff.Factor is >= 1 and <= 10, nameof(backoff.Factor), backoff.Factor, "1 to 10");
        faults.Check(backoff.Jitter is >= 0 and <= 0.5, nameof(backoff.Jitter), backoff.Jitter, "0 to 0.5");
    }

    private static void Check(OrderOptions order, SettingFaults faults)
    {
        faults.CheckTime(
            nameof(order.AgeingStep), order.AgeingStep, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        faults.CheckTime(nameof(order.AffinityDelay), order.AffinityDelay, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    private static void Check(SubmitLimits limits, SettingFaults faults)
    {
        faults.Check(limits.BatchMax is >= 1 and <= 10_000, nameof(limits.BatchMax), limits.BatchMax, "1 to 10000");
        faults.Check(
            limits.PromptBytesMax is >= 1024 and <= 32 * 1024 * 1024,
            nameof(limits.PromptBytesMax),
            limits.PromptBytesMax,
            "1024 to 33554432");
        faults.Check(limits.LiveTasksMax >= 1, nameof(limits.LiveTasksMax), limits.LiveTasksMax, "1 or more");
        faults.Check(
            limits.LoosestDataPolicy is DataPolicy.Local or DataPolicy.Private or DataPolicy.Any,
            nameof(limits.LoosestDataPolicy),
            limits.LoosestDataPolicy,
            "Local, Private or Any");
    }

    private static void Check(MaintenanceOptions loops, SettingFaults faults)
    {
        faults.CheckTime(
            nameof(loops.Interval), loops.Interval, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
        faults.CheckTime(
            nameof(loops.Retention), loops.Retention, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3_650));
        faults.CheckTime(
            nameof(loops.CleanInterval), loops.CleanInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        faults.Check(loops.StepMax is >= 1 and <= 100_000, nameof(loops.StepMax), loops.StepMax, "1 to 100000");
    }

    private static void Check(ArtifactOptions artifacts, SettingFaults faults)
    {
        faults.Check(
            artifacts.FileBytesMax >= 1024, nameof(artifacts.FileBytesMax), artifacts.FileBytesMax, "1024 or more");
        faults.Check(
            artifacts.TotalBytesMax >= 1024 * 1024,
            nameof(artifacts.TotalBytesMax),
            artifacts.TotalBytesMax,
            "1048576 or more");
        faults.CheckTime(
            nameof(artifacts.UnreferencedAfter),
            artifacts.UnreferencedAfter,
            TimeSpan.FromMinutes(1),
            TimeSpan.FromDays(365));
        faults.CheckTime(
            nameof(artifacts.SweepInterval), artifacts.SweepInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    }

    private static void Check(SqliteOptions sqlite, SettingFaults faults)
    {
        faults.CheckTime(
            nameof(sqlite.LeaseCommitDelay), sqlite.LeaseCommitDelay, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        faults.Check(
            sqlite.SpecCacheBytes >= 0, nameof(sqlite.SpecCacheBytes), sqlite.SpecCacheBytes, "0 or more");
        faults.Check(
            sqlite.BytesMax is 0 or >= 1024 * 1024, nameof(sqlite.BytesMax), sqlite.BytesMax, "0 or 1048576 and more");
        faults.Check(
            sqlite.EventsInMemory is >= 16 and <= 10_000_000,
            nameof(sqlite.EventsInMemory),
            sqlite.EventsInMemory,
            "16 to 10000000");
    }

    private static void Check(RedisOptions redis, SettingFaults faults)
    {
        faults.Check(
            redis.Queue.Length is >= 1 and <= 64 && redis.Queue.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'),
            nameof(redis.Queue),
            redis.Queue,
            "1 to 64 letters, digits, dots, dashes and underscores");
        faults.Check(
            redis.EventStepsMax is >= 1_000 and <= 100_000_000,
            nameof(redis.EventStepsMax),
            redis.EventStepsMax,
            "1000 to 100000000");
        faults.Check(
            redis.EventsInMemory is >= 16 and <= 10_000_000, nameof(redis.EventsInMemory), redis.EventsInMemory, "16 to 10000000");
        faults.CheckTime(nameof(redis.ConnectTimeout), redis.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        faults.CheckTime(nameof(redis.StepTimeout), redis.StepTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        faults.CheckTime(nameof(redis.RetryFor), redis.RetryFor, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    private static void Check(RabbitMqOptions rabbit, SettingFaults faults)
    {
        faults.Check(
            rabbit.Queue.Length is >= 1 and <= 64 && rabbit.Queue.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'),
            nameof(rabbit.Queue),
            rabbit.Queue,
            "1 to 64 letters, digits, dashes and underscores");
        faults.Check(
            rabbit.Records is RecordStore.Sqlite or RecordStore.Redis, nameof(rabbit.Records), rabbit.Records, "Sqlite or Redis");
        faults.CheckTime(
            nameof(rabbit.ConnectTimeout), rabbit.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        faults.CheckTime(nameof(rabbit.ConfirmTimeout), rabbit.ConfirmTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        faults.CheckTime(nameof(rabbit.Heartbeat), rabbit.Heartbeat, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        faults.Check(rabbit.OutboxMax >= 0, nameof(rabbit.OutboxMax), rabbit.OutboxMax, "0 or more");
        faults.CheckTime(
            nameof(rabbit.SweepInterval), rabbit.SweepInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
    }

    private static OptionsBuilder<T> AddChecked<T>(
        this IServiceCollection services, string section, Action<T, SettingFaults> check)
        where T : class
    {
        services.AddSingleton<IValidateOptions<T>>(new Checker<T>(section, check));
        return services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
    }

    private sealed class Checker<T>(string section, Action<T, SettingFaults> check) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var faults = new SettingFaults(section);
            check(options, faults);
            return faults.ToResult();
        }
    }
}
