using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// Compares record and broker: as many messages of a type should be ready as tasks of it are queued. What is missing is
/// published again; what is too much stands for tasks that ended, and is dropped.
/// </summary>
/// <remarks>
/// Both sides change while they are read, and other schedulers have claims in hand. So a difference counts once two looks
/// have seen it, and only as far as both did; after a loss of the broker one look is enough for what is missing.
/// </remarks>
internal sealed partial class BrokerSweep(
    IQueueStore records, Publisher publisher, ClaimDesk claims, IOutboxRole role, TimeSpan confirmTimeout, ILogger logger)
    : IDisposable
{
    private const int StepMax = 5_000;
    private const int LearnMax = 100;

    // A message may stay unacknowledged for 30 minutes by default (consumer_timeout), then the broker ends the channel.
    private static readonly TimeSpan HeldMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan HeldUnlooked = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _looking = new(1);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lastSurplus = new(StringComparer.Ordinal);
    private bool _hasLearnt;

    /// <summary>Called when messages were published.</summary>
    public event Action? Published;

    /// <summary>Looks once. Returns how many messages it published or dropped.</summary>
    /// <param name="atOnce">Publish what this look alone finds missing.</param>
    public async Task<int> RunOnceAsync(bool atOnce = false)
    {
        await _looking.WaitAsync();
        try
        {
            await ReleaseEndedAsync();
            if (!role.IsMine || !claims.IsOpen || !publisher.Takes)
            {
                _lastSurplus.Clear();
                return 0;
            }

            return await CompareAsync(atOnce);
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose() => _looking.Dispose();

    private async Task<int> CompareAsync(bool atOnce)
    {
        await LearnTypesAsync();
        var queued = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var count in await records.CountWaitingAsync(CancellationToken.None))
        {
            queued[count.Type] = queued.GetValueOrDefault(count.Type) + count.Queued;
            _known.Add(count.Type);
        }

        var moved = 0;
        foreach (var type in _known)
        {
            if (atOnce)
            {
                await claims.EndFlowAsync(type);
            }

            // What is on its way here counts nowhere: too few says nothing then.
            var mayBeMore = claims.IsFlowing(type);
            if (await claims.CountAsync(type) is not { } ready)
            {
                break;
            }

            var surplus = ready - queued.GetValueOrDefault(type);
            surplus = mayBeMore ? Math.Max(0, surplus) : surplus;
            var before = _lastSurplus.GetValueOrDefault(type);
            _lastSurplus[type] = surplus;
            if (surplus > 0 && before > 0)
            {
                moved += await DropAsync(type, (int)Math.Min(StepMax, Math.Min(surplus, before)));
                await MakeGoodAsync(type);
            }
            else if (surplus < 0 && (atOnce || before < 0))
            {
                moved += await PublishAsync(type, atOnce ? -surplus : Math.Min(-surplus, -before));
            }
        }

        return moved;
    }

    // What an earlier scheduler left too much of may be of types that nothing waits of any more.
    private async Task LearnTypesAsync()
    {
        if (!_hasLearnt)
        {
            var latest = await records.ListAsync(new ListRequest { PageSize = LearnMax }, CancellationToken.None);
            _known.UnionWith(latest.Tasks.Select(task => task.Spec.Type));
            _hasLearnt = true;
        }
    }

    private async Task<int> DropAsync(string type, int count)
    {
        var dropped = await claims.DropAsync(type, count);
        _lastSurplus[type] = 0;
        LogDropped(logger, dropped, type);
        return dropped;
    }

    // Tasks may have become ready between look and drop, and their messages be among the dropped.
    private async Task MakeGoodAsync(string type)
    {
        var waiting = await records.CountWaitingAsync(CancellationToken.None);
        var queued = waiting.Where(count => count.Type == type).Sum(count => count.Queued);
        if (await claims.CountAsync(type) is { } ready && ready < queued)
        {
            await PublishAsync(type, queued - ready);
        }
    }

    private async Task<int> PublishAsync(string type, long missing)
    {
        var count = (int)Math.Min(StepMax, missing - publisher.UnderWay);
        if (count <= 0)
        {
            return 0;
        }

        // Which of them lack their message nobody knows, and it makes no difference: a message is a claim to any.
        var ready = await records.ListAsync(
            new ListRequest { States = { TaskState.Queued }, Types_ = { type }, PageSize = 1 }, CancellationToken.None);
        var named = ready.Tasks.Count > 0 ? ready.Tasks[0].Id : "";
        var priority = ready.Tasks.Count > 0 ? ready.Tasks[0].Spec.Priority : 0;
        var again = new ReadyTask[count];
        Array.Fill(again, new ReadyTask(named, type, priority));
        if (!await publisher.PublishAsync(again, confirmTimeout))
        {
            return 0;
        }

        _lastSurplus[type] = 0;
        LogPublished(logger, count, type);
        Published?.Invoke();
        return count;
    }

    // Claims whose task ended unseen, and those of tasks that run for long: their record alone holds them from then on.
    private async Task ReleaseEndedAsync()
    {
        foreach (var (taskId, held) in claims.BoundLongerThan(HeldUnlooked))
        {
            if (held > HeldMax
                || await records.GetAsync(taskId, includeOutput: false, CancellationToken.None)
                    is not { State: TaskState.Running })
            {
                claims.Release(taskId);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} messages of type {Type} stood for tasks that had ended; they were dropped")]
    private static partial void LogDropped(ILogger logger, int count, string type);

    [LoggerMessage(LogLevel.Information, "{Count} queued tasks of type {Type} had no message; they were published again")]
    private static partial void LogPublished(ILogger logger, int count, string type);
}
