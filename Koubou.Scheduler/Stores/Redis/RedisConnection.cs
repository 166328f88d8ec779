using System.Net;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// One connection for all steps of this scheduler; the client pipelines them. Loads the functions where they are missing,
/// as after a fail-over, and tries a step again whose connection broke.
/// </summary>
internal sealed class RedisConnection(string connectionString, RedisOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    // How often the client looks which server is the primary now.
    private static readonly TimeSpan FailOverLook = TimeSpan.FromSeconds(2);
    private static readonly Version VersionMin = new(7, 0);

    private ConnectionMultiplexer? _multiplexer;
    private string _address = "";
    private int _reaches = 1;

    public RedisKey Root { get; } = $"{{koubou:{options.Queue}}}:";

    /// <summary>Called when the server is there again, for each of the client's two ways to it.</summary>
    public event Action? Restored;

    /// <summary>Called when steps reach the server no more, and when they do again.</summary>
    public event Action<bool>? Reaches;

    public IDatabase Database => _multiplexer!.GetDatabase();

    public ISubscriber Subscriber => _multiplexer!.GetSubscriber();

    public async Task OpenAsync()
    {
        var configuration = ReadConfiguration();
        _address = string.Join(", ", configuration.EndPoints.Select(Describe));
        try
        {
            _multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
        }
        catch (RedisConnectionException error) when (IsRefusedPassword(error))
        {
            throw new StoreUnusableException(
                $"Redis at {_address} refuses the password. Put the right one into ConnectionStrings:redis, as in `host:6379,password=…`.", error);
        }
        catch (RedisConnectionException error)
        {
            throw RedisErrors.Unreachable(_address, error);
        }

        _multiplexer.ConnectionFailed += (_, told) => Tell(told.ConnectionType, reaches: false);
        _multiplexer.ConnectionRestored += (_, told) =>
        {
            Tell(told.ConnectionType, reaches: true);
            Restored?.Invoke();
        };
        CheckVersion();
        await LoadAsync();
    }

    /// <summary>Calls one of our functions.</summary>
    /// <param name="function">Its name without the library's.</param>
    /// <param name="arguments">Strings, numbers or bytes.</param>
    public async Task<RedisResult> CallAsync(string function, IReadOnlyCollection<RedisValue> arguments)
    {
        var all = new object[arguments.Count + 3];
        all[0] = $"{RedisLibrary.Name}_{function}";
        all[1] = 1;
        all[2] = Root;
        var index = 3;
        foreach (var argument in arguments)
        {
            all[index++] = argument;
        }

        return await RunAsync(database => database.ExecuteAsync("FCALL", all));
    }

    /// <summary>Runs a command, and again while the connection is broken, within a bound.</summary>
    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> command)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await command(Database);
            }
            catch (RedisServerException error) when (RedisErrors.IsFunctionMissing(error))
            {
                await LoadAsync();
            }
            catch (RedisServerException error) when (RedisErrors.IsPassing(error) && MayTryAgain(begun))
            {
            }
            catch (RedisServerException error)
            {
                throw RedisErrors.Explain(error);
            }
            catch (Exception error) when (IsBroken(error))
            {
                if (!MayTryAgain(begun))
                {
                    throw RedisErrors.Unreachable(_address, error);
                }
            }

            await Task.Delay(RetryPause, TimeProvider.System);
        }
    }

    /// <summary>A setting of the server, or null when it does not tell.</summary>
    public async Task<string?> ReadSettingAsync(string name)
    {
        try
        {
            var pairs = await Server().ConfigGetAsync(name);
            return pairs.Length == 0 ? null : pairs[0].Value;
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            // Managed servers often forbid CONFIG.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_multiplexer is not null)
        {
            await _multiplexer.CloseAsync(allowCommandsToComplete: false);
            await _multiplexer.DisposeAsync();
        }
    }

    private void Tell(ConnectionType way, bool reaches)
    {
        if (way == ConnectionType.Interactive && Interlocked.Exchange(ref _reaches, reaches ? 1 : 0) == (reaches ? 0 : 1))
        {
            Reaches?.Invoke(reaches);
        }
    }

    private bool MayTryAgain(long begun) => TimeProvider.System.GetElapsedTime(begun) < options.RetryFor;

    private static bool IsBroken(Exception error) =>
        error is RedisConnectionException or RedisTimeoutException or TimeoutException or ObjectDisposedException;

    private static bool IsRefusedPassword(RedisConnectionException error) =>
        error.FailureType == ConnectionFailureType.AuthenticationFailure
        || error.Message.Contains("AuthenticationFailure", StringComparison.Ordinal)
        || error.Message.Contains("NOAUTH", StringComparison.Ordinal);

    private ConfigurationOptions ReadConfiguration()
    {
        ConfigurationOptions configuration;
        try
        {
            configuration = ConfigurationOptions.Parse(connectionString);
        }
        catch (ArgumentException error)
        {
            throw new StoreUnusableException(
                $"ConnectionStrings:redis cannot be read ({error.Message}). Sample: `localhost:6379,password=…`.", error);
        }

        configuration.ClientName = "koubou-scheduler";
        configuration.AllowAdmin = true;
        configuration.AbortOnConnectFail = true;
        configuration.ConnectRetry = 1;
        configuration.ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds;
        configuration.AsyncTimeout = (int)options.StepTimeout.TotalMilliseconds;
        configuration.SyncTimeout = configuration.AsyncTimeout;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ReconnectRetryPolicy = new LinearRetry(200);
        configuration.HeartbeatInterval = TimeSpan.FromMilliseconds(250);
        configuration.HeartbeatConsistencyChecks = false;
        configuration.ConfigCheckSeconds = (int)FailOverLook.TotalSeconds;
        return configuration;
    }

    private void CheckVersion()
    {
        var version = Server().Version;
        if (version < VersionMin)
        {
            throw new StoreUnusableException(
                $"Redis at {_address} has version {version}. Koubou needs Redis 7 or later, for its functions.");
        }
    }

    private IServer Server() =>
        _multiplexer!.GetServers().FirstOrDefault(server => server is { IsConnected: true, IsReplica: false })
        ?? throw RedisErrors.Unreachable(_address, error: null);

    private async Task LoadAsync()
    {
        // To every primary: in a cluster, the queue's slot may move to another.
        foreach (var server in _multiplexer!.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            try
            {
                await server.ExecuteAsync("FUNCTION", "LOAD", RedisLibrary.Source);
            }
            catch (RedisServerException error) when (error.Message.Contains("already exists", StringComparison.Ordinal))
            {
                // Another scheduler was faster.
            }
            catch (RedisServerException error) when (RedisErrors.IsPassing(error))
            {
                // The caller tries again.
            }
            catch (RedisServerException error)
            {
                throw RedisErrors.Explain(error);
            }
        }
    }

    private static string Describe(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        IPEndPoint ip => ip.ToString(),
        _ => endPoint.ToString() ?? "",
    };
}
