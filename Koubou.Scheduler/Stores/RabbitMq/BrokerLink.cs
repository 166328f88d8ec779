using RabbitMQ.Client;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// One connection with one channel. Whatever ends either (the broker's restart, its operator, an error of the channel, a
/// lost heartbeat) ends both, and both are made anew until that works.
/// </summary>
internal sealed partial class BrokerLink(BrokerAddress address, string purpose, CreateChannelOptions? kind, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly Version VersionMin = new(3, 10);

    private readonly CancellationTokenSource _ending = new();
    private volatile BrokerSession? _session;
    private volatile string? _blocked;
    private Task _running = Task.CompletedTask;

    /// <summary>What works now; null while the broker is away.</summary>
    public BrokerSession? Session => _session;

    /// <summary>Why the broker takes nothing at the moment, as it says; null: it takes.</summary>
    public string? Blocked => _blocked;

    /// <summary>Called with a fresh session before anybody sees it.</summary>
    public Func<BrokerSession, CancellationToken, Task> Prepare { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The broker is back, or takes again.</summary>
    public event Action? Restored;

    /// <summary>The session is over; all that was not acknowledged goes back to its queue.</summary>
    public event Action? Lost;

    /// <summary>Connects for the first time. Throws <see cref="StoreUnusableException"/>.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        try
        {
            var first = await ConnectAsync(cancellation);
            _running = RunAsync(first);
        }
        catch (Exception error) when (RabbitMqErrors.IsBroken(error) && !cancellation.IsCancellationRequested)
        {
            throw RabbitMqErrors.Explain(error, address.Shown);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _ending.Dispose();
    }

    private async Task RunAsync(BrokerSession current)
    {
        while (true)
        {
            await current.Ended.WaitAsync(_ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _session = null;
            _blocked = null;
            Lost?.Invoke();
            await current.DisposeAsync();
            if (_ending.IsCancellationRequested)
            {
                return;
            }

            LogLost(logger, purpose, current.Reason);
            if (await ReconnectAsync() is not { } next)
            {
                return;
            }

            current = next;
            LogRestored(logger, purpose);
            Restored?.Invoke();
        }
    }

    private async Task<BrokerSession?> ReconnectAsync()
    {
        var pause = FirstPause;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                return await ConnectAsync(_ending.Token);
            }
            catch (Exception error) when (RabbitMqErrors.IsBroken(error) || error is StoreUnusableException)
            {
                LogStillAway(logger, purpose, error.Message);
            }

            await Task.Delay(pause, TimeProvider.System, _ending.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        return null;
    }

    private async Task<BrokerSession> ConnectAsync(CancellationToken cancellation)
    {
        var connection = await address.ConnectAsync(purpose, cancellation);
        try
        {
            var version = BrokerQueues.VersionOf(connection);
            if (version < VersionMin)
            {
                throw new StoreUnusableException(
                    $"RabbitMQ at {address.Shown} has version {version}. Koubou needs RabbitMQ 3.10 or later.");
            }

            connection.ConnectionBlockedAsync += (_, told) => OnBlocked(told.Reason);
            connection.ConnectionUnblockedAsync += (_, _) => OnUnblocked();
            var fresh = new BrokerSession(connection, await connection.CreateChannelAsync(kind, cancellation), version);
            await Prepare(fresh, cancellation);
            _session = fresh;
            return fresh;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private Task OnBlocked(string reason)
    {
        _blocked = reason;
        LogBlocked(logger, reason);
        return Task.CompletedTask;
    }

    private Task OnUnblocked()
    {
        _blocked = null;
        LogUnblocked(logger);
        Restored?.Invoke();
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "The connection to RabbitMQ for {Purpose} ended: {Reason}. It is made anew")]
    private static partial void LogLost(ILogger logger, string purpose, string reason);

    [LoggerMessage(LogLevel.Information, "RabbitMQ is back for {Purpose}")]
    private static partial void LogRestored(ILogger logger, string purpose);

    [LoggerMessage(LogLevel.Debug, "RabbitMQ is still away for {Purpose}: {Reason}")]
    private static partial void LogStillAway(ILogger logger, string purpose, string reason);

    [LoggerMessage(LogLevel.Warning, "RabbitMQ takes no messages at the moment: {Reason}. Tasks are kept, and their messages follow")]
    private static partial void LogBlocked(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "RabbitMQ takes messages again")]
    private static partial void LogUnblocked(ILogger logger);
}
