namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// The loop behind the broker: keeps the role of the outbox, gives unused claims back, and compares record and broker by
/// the clock and whenever that is asked for.
/// </summary>
internal sealed partial class BrokerUpkeep(
    BrokerSweep sweep, ClaimDesk claims, IOutboxRole role, TimeSpan sweepInterval, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RoleInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnusedMax = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource ending = new();
    private readonly SemaphoreSlim asked = new(0);
    private int wanted;
    private long roleAt;
    private long sweptAt;
    private Task running = Task.CompletedTask;

    public void Start()
    {
        roleAt = sweptAt = time.GetTimestamp();
        running = RunAsync();
    }

    /// <summary>Compare soon: changes were not told to the broker, or it may have lost some.</summary>
    public void Ask()
    {
        Volatile.Write(ref wanted, 1);
        if (asked.CurrentCount == 0)
        {
            asked.Release();
        }
    }

    /// <summary>One step of the loop.</summary>
    public async Task RunOnceAsync()
    {
        claims.ReturnUnused(UnusedMax);
        var atOnce = Interlocked.Exchange(ref wanted, 0) == 1;
        if (time.GetElapsedTime(roleAt) >= RoleInterval)
        {
            roleAt = time.GetTimestamp();
            var had = role.IsMine;
            await role.TakeAsync();

            // What the last one left undone.
            atOnce |= role.IsMine && !had;
        }

        if (atOnce || time.GetElapsedTime(sweptAt) >= sweepInterval)
        {
            sweptAt = time.GetTimestamp();
            if (await sweep.RunOnceAsync(atOnce) > 0 && atOnce)
            {
                // A look has a bound; there may be more.
                Ask();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ending.Dispose();
        asked.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Tick, time);
        var ticks = timer.WaitForNextTickAsync(ending.Token).AsTask();
        var call = asked.WaitAsync(ending.Token);
        while (!ending.IsCancellationRequested)
        {
            await Task.WhenAny(ticks, call);
            if (ticks.IsCompletedSuccessfully)
            {
                ticks = timer.WaitForNextTickAsync(ending.Token).AsTask();
            }

            if (call.IsCompletedSuccessfully)
            {
                call = asked.WaitAsync(ending.Token);
            }

            await StepAsync();
        }
    }

    private async Task StepAsync()
    {
        try
        {
            await RunOnceAsync();
        }
        catch (StoreUnusableException error)
        {
            Volatile.Write(ref wanted, 1);
            LogFailed(logger, error.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Record and broker could not be compared: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
