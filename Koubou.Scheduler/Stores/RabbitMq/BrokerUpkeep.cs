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

    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _asked = new(0);
    private int _wanted;
    private long _roleAt;
    private long _sweptAt;
    private Task _running = Task.CompletedTask;

    public void Start()
    {
        _roleAt = _sweptAt = time.GetTimestamp();
        _running = RunAsync();
    }

    /// <summary>Compare soon: changes were not told to the broker, or it may have lost some.</summary>
    public void Ask()
    {
        Volatile.Write(ref _wanted, 1);
        if (_asked.CurrentCount == 0)
        {
            _asked.Release();
        }
    }

    /// <summary>One step of the loop.</summary>
    public async Task RunOnceAsync()
    {
        await claims.ReturnUnusedAsync();
        var atOnce = Interlocked.Exchange(ref _wanted, 0) == 1;
        if (time.GetElapsedTime(_roleAt) >= RoleInterval)
        {
            _roleAt = time.GetTimestamp();
            var had = role.IsMine;
            await role.TakeAsync();

            // What the last one left undone.
            atOnce |= role.IsMine && !had;
        }

        if (atOnce || time.GetElapsedTime(_sweptAt) >= sweepInterval)
        {
            _sweptAt = time.GetTimestamp();
            if (await sweep.RunOnceAsync(atOnce) > 0 && atOnce)
            {
                // A look has a bound; there may be more.
                Ask();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        _asked.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Tick, time);
        var ticks = timer.WaitForNextTickAsync(_ending.Token).AsTask();
        var call = _asked.WaitAsync(_ending.Token);
        while (!_ending.IsCancellationRequested)
        {
            await Task.WhenAny(ticks, call);
            if (ticks.IsCompletedSuccessfully)
            {
                ticks = timer.WaitForNextTickAsync(_ending.Token).AsTask();
            }

            if (call.IsCompletedSuccessfully)
            {
                call = _asked.WaitAsync(_ending.Token);
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
            Volatile.Write(ref _wanted, 1);
            LogFailed(logger, error.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Record and broker could not be compared: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
