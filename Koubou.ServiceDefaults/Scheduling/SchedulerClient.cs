using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Koubou.Contracts;
using Koubou.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Koubou.ServiceDefaults.Scheduling;

/// <summary>The way to the scheduler, the same for every service that speaks to it.</summary>
public static class SchedulerClient
{
    /// <summary>
    /// The configuration key of the scheduler's address, or of several with commas between: when one is gone, the next is
    /// asked. Default: <c>http://_grpc.scheduler</c> where service discovery knows it, else a scheduler on this machine at
    /// its usual port, <c>http://localhost:8771</c>.
    /// </summary>
    public const string AddressKey = "Koubou:Scheduler:Address";

    private const string DiscoveredName = "://_grpc.scheduler";
    private const string AddressHere = "http://localhost:8771";

    private const int MessageBytesMax = 64 * 1024 * 1024;

    /// <summary>
    /// Registers a gRPC client of the scheduler, <see cref="TaskQueue.TaskQueueClient"/> or
    /// <see cref="WorkerGateway.WorkerGatewayClient"/>. Reconnects by itself; reads are repeated, at most four times,
    /// while the scheduler is away.
    /// </summary>
    public static IHttpClientBuilder AddSchedulerClient<TClient>(this IHostApplicationBuilder builder)
        where TClient : ClientBase
    {
        var address = ReadAddress(builder.Configuration);
        var client = builder.Services.AddGrpcClient<TClient>(options => options.Address = new Uri(address));
        client.ConfigureChannel(channel =>
        {
            channel.MaxReceiveMessageSize = MessageBytesMax;
            channel.MaxSendMessageSize = MessageBytesMax;
            channel.ServiceConfig = new ServiceConfig { MethodConfigs = { RetryReads() } };
        });
        var tls = SchedulerTls.Read(builder.Configuration);
        client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            SslOptions = tls,
            // Prompts travel here. A proxy of the environment is meant for the internet, and is outside of every zone.
            UseProxy = false,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        });
        if (builder.Configuration[JoinKey.SettingKey] is { Length: > 0 } joinKey)
        {
            client.AddHttpMessageHandler(() => new JoinKeyHandler(joinKey));
        }

#pragma warning disable EXTEXP0001 // The default handler's time limits would end long-lived streams.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        return client;
    }

    // A list becomes what service discovery would have found: it takes turns, so a call after one that failed goes elsewhere.
    private static string ReadAddress(IConfigurationManager configuration)
    {
        var addresses = (configuration[AddressKey] ?? "").Split(
            [',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (addresses)
        {
            case [] when configuration.GetSection("Services:scheduler").Exists():
                return Discovered([.. configuration.GetSection("Services:scheduler:grpc").GetChildren().Select(each => each.Value ?? "")]);
            case []:
                configuration.AddInMemoryCollection([KeyValuePair.Create(AddressKey, (string?)AddressHere)]);
                return AddressHere;
            case [var only]:
                return only;
            default:
                configuration.AddInMemoryCollection(addresses.Select((address, index) =>
                    KeyValuePair.Create($"Services:scheduler:grpc:{index}", (string?)address)));
                return Discovered(addresses);
        }
    }

    // Discovery passes over what has another scheme than is asked for.
    private static string Discovered(string[] addresses)
    {
        var withTls = addresses.Count(address => address.StartsWith("https://", StringComparison.OrdinalIgnoreCase));
        if (withTls > 0 && withTls < addresses.Length)
        {
            throw new SettingException(
                $"{AddressKey} is '{string.Join(',', addresses)}'. Allowed: addresses that all begin with https://, or none.");
        }

        return (withTls > 0 ? "https" : "http") + DiscoveredName;
    }

    // Only what changes nothing: a submit whose answer was lost may be on disk, and must not be sent twice.
    private static MethodConfig RetryReads()
    {
        var config = new MethodConfig { RetryPolicy = ReadRetry() };
        foreach (var method in (string[])["Get", "List", "Wait", "GetStatus", "ListWorkers", "ListTaskTypes"])
        {
            config.Names.Add(new MethodName { Service = "koubou.v1.TaskQueue", Method = method });
        }

        return config;
    }

    private static RetryPolicy ReadRetry() => new()
    {
        MaxAttempts = 4,
        InitialBackoff = TimeSpan.FromMilliseconds(100),
        MaxBackoff = TimeSpan.FromSeconds(1),
        BackoffMultiplier = 2,
        RetryableStatusCodes = { StatusCode.Unavailable },
    };
}
