using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Hosting;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Tasks;

namespace Koubou.Bench.Raw;

/// <summary>
/// What our own functions in Redis give to a client that does nothing else: no scheduler, no gRPC, no node. Groups of a
/// hundred are enqueued, leased and completed, several groups at once over one connection.
/// </summary>
internal sealed class RawRedisStore : IAsyncDisposable
{
    private const int GroupSize = 100;
    private const int GroupsAtOnce = 8;

    private readonly WebApplication _services;
    private readonly IQueueStore _store;
    private readonly TaskIdSource _ids;

    private RawRedisStore(WebApplication services)
    {
        _services = services;
        _store = services.Services.GetRequiredService<IQueueStore>();
        _ids = services.Services.GetRequiredService<TaskIdSource>();
    }

    public static async Task<RawRedisStore> OpenAsync(RedisServer redis)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Koubou:Queue"] = "redis";
        builder.Configuration["ConnectionStrings:redis"] = redis.Address;
        builder.Configuration["Queue:Redis:Queue"] = "raw";
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddTaskQueue();
        var raw = new RawRedisStore(builder.Build());
        await raw._store.OpenAsync(CancellationToken.None);
        return raw;
    }

    /// <summary>Tasks per second.</summary>
    public Task<double> LifecycleAsync(int tasks) => Rate.OfAsync(tasks, () => Parallel.ForEachAsync(
        Enumerable.Range(0, tasks / GroupSize),
        new ParallelOptions { MaxDegreeOfParallelism = GroupsAtOnce },
        async (_, cancellation) =>
        {
            await _store.EnqueueAsync(Group(), cancellation);
            var leased = await _store.LeaseAsync(new LeaseRequest("raw", GroupSize, _ => true), cancellation);
            await _store.SettleAsync([.. leased.Select(Complete)], cancellation);
        }));

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    private NewTask[] Group()
    {
        var now = DateTimeOffset.UtcNow;
        return
        [
            .. Workshop.Batch(GroupSize, priorities: false).Tasks.Select(spec =>
            {
                spec.AttemptsMax = 3;
                spec.DataPolicy = DataPolicy.Local;
                return new NewTask(_ids.Next(), spec, now);
            }),
        ];
    }

    private static CompletedSettlement Complete(LeasedTask task) => new(
        task.Lease,
        new Completed { Output = "done", Facts = new AttemptFacts { Generation = new Duration() } });
}
