using RabbitMQ.Client;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>Where the broker is, read from the connection string: <c>amqp://user:password@host:5672/vhost</c>.</summary>
internal sealed class BrokerAddress
{
    private readonly ConnectionFactory _factory;

    public BrokerAddress(string connectionString, RabbitMqOptions options)
    {
        try
        {
            _factory = new ConnectionFactory { Uri = new Uri(connectionString) };
        }
        catch (Exception error) when (error is UriFormatException or ArgumentException)
        {
            throw new StoreUnusableException(
                $"ConnectionStrings:rabbitmq cannot be read ({error.Message}). "
                + "Sample: `amqp://user:password@localhost:5672`.",
                error);
        }

        // What is lost with a connection (claims) cannot be recovered by the client; BrokerLink begins anew.
        _factory.AutomaticRecoveryEnabled = false;
        _factory.TopologyRecoveryEnabled = false;
        _factory.RequestedHeartbeat = options.Heartbeat;
        _factory.RequestedConnectionTimeout = options.ConnectTimeout;
        _factory.HandshakeContinuationTimeout = options.ConnectTimeout;
        _factory.ContinuationTimeout = options.Heartbeat;
    }

    /// <summary>Host and port, without user and password.</summary>
    public string Shown => $"{_factory.HostName}:{_factory.Endpoint.Port}";

    public Task<IConnection> ConnectAsync(string purpose, CancellationToken cancellation) =>
        _factory.CreateConnectionAsync(
            $"koubou-scheduler {purpose} {Environment.MachineName}/{Environment.ProcessId}", cancellation);
}
