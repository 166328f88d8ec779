using System.Net.Sockets;
using RabbitMQ.Client.Exceptions;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>Says in plain words what is wrong with the broker and what mends it.</summary>
internal static class RabbitMqErrors
{
    public const string StartIt = "Start it with `rabbitmq-server`, or name another in ConnectionStrings:rabbitmq.";

    private const int AccessRefused = 403;
    private const int ResourceLocked = 405;
    private const int NotAllowed = 530;

    /// <summary>What a connection that could not be made says.</summary>
    public static StoreUnusableException Explain(Exception error, string address) => new(
        Innermost(error) switch
        {
            AuthenticationFailureException or PossibleAuthenticationFailureException =>
                $"RabbitMQ at {address} refuses the user or the password. Put the right ones into "
                + "ConnectionStrings:rabbitmq, as in `amqp://user:password@host:5672`.",
            OperationInterruptedException { ShutdownReason.ReplyCode: NotAllowed } refused =>
                $"RabbitMQ at {address} does not let this user in ({refused.ShutdownReason.ReplyText}). Name a virtual host "
                + "that exists in ConnectionStrings:rabbitmq, as in `amqp://user:password@host:5672/vhost`, or make it with "
                + "`rabbitmqctl add_vhost` and `rabbitmqctl set_permissions`.",
            OperationInterruptedException { ShutdownReason.ReplyCode: AccessRefused } refused =>
                $"RabbitMQ at {address} forbids this user what Koubou needs ({refused.ShutdownReason.ReplyText}). Allow it "
                + "with `rabbitmqctl set_permissions -p VHOST USER 'koubou\\..*' 'koubou\\..*|amq\\.default' 'koubou\\..*'`.",
            SocketException or ConnectFailureException or TimeoutException or OperationCanceledException or IOException =>
                $"RabbitMQ does not answer at {address}. {StartIt}",
            var other => $"RabbitMQ at {address} failed: {other.Message}",
        },
        error);

    /// <summary>Another connection holds what was to be ours alone.</summary>
    public static bool IsLocked(Exception error) =>
        error is OperationInterruptedException { ShutdownReason.ReplyCode: ResourceLocked };

    /// <summary>Whether the broker, and not our own code, ended what was under way.</summary>
    public static bool IsBroken(Exception error) => error
        is RabbitMQClientException or OperationCanceledException or TimeoutException or IOException or SocketException
            or ObjectDisposedException;

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner && error is BrokerUnreachableException or AggregateException)
        {
            error = inner;
        }

        return error;
    }
}
