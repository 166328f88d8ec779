using RabbitMQ.Client;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>Where the broker is, read from the connection string: <c>amqp://user:password@host:5672/vhost</c>.</summary>
internal sealed class BrokerAddress
{
    private readonly ConnectionFactory factory;

    public BrokerAddress(string connectionString, RabbitMqOptions options)
    {
        try
        {
            factory = new ConnectionFactory { Uri = new Uri(connectionString) };
        }
        catch (Exception error) when (error is UriFormatException or ArgumentException)
        {
            throw new StoreUnusableException(
                $"ConnectionStrings:rabbitmq cannot be read ({error.Message}). Sample: `amqp://user:password@localhost:5672`.",
                error);
        }

        // What is lost with a connection (claims) cannot be recovered by the client; BrokerLink begins anew.
        factory.AutomaticRecoveryEnabled = false;
        factory.TopologyRecoveryEnabled = false;
        factory.RequestedHeartbeat = options.Heartbeat;
        factory.RequestedConnectionTimeout = options.ConnectTimeout;
        factory.HandshakeContinuationTimeout = options.ConnectTimeout;
        factory.ContinuationTimeout = options.Heartbeat;
    }

    /// <summary>Host and port, without user and password.</summary>
    public string Shown => $"{factory.HostName}:{factory.Endpoint.Port}";

    public Task<IConnection> ConnectAsync(string purpose, CancellationToken cancellation) =>
        factory.CreateConnectionAsync($"koubou-scheduler {purpose} {Environment.MachineName}/{Environment.ProcessId}", cancellation);
}
