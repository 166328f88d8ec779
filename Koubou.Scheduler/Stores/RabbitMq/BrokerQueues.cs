using System.Text;
using RabbitMQ.Client;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>The queues of a workshop: a durable one for each task type.</summary>
internal sealed class BrokerQueues(RabbitMqOptions options)
{
    private const int PriorityMax = 10;
    private const int MajorWithDeliveryLimit = 4;

    // Two kinds never share a name: the broker refuses to declare a queue anew as another kind.
    private readonly string _prefix = options.Quorum ? $"koubou.{options.Queue}.quorum." : $"koubou.{options.Queue}.";

    /// <summary>Held by the one scheduler whose records nobody else can read. No task type ends in a dot.</summary>
    public string Owner => $"koubou.{options.Queue}.owner.";

    public string NameOf(string type) => _prefix + type;

    /// <summary>Makes sure that there is a queue of the type. Returns how many messages are ready in it.</summary>
    public async Task<long> DeclareAsync(BrokerSession session, string type)
    {
        var arguments = new Dictionary<string, object?>();
        if (options.Quorum)
        {
            arguments["x-queue-type"] = "quorum";
            if (session.Server.Major >= MajorWithDeliveryLimit)
            {
                // From 4 on a message that came back 20 times is dropped. Ours come back when no task fits a node.
                arguments["x-delivery-limit"] = -1;
            }
        }
        else
        {
            arguments["x-max-priority"] = PriorityMax;
        }

        var declared = await session.Channel.QueueDeclareAsync(
            NameOf(type), durable: true, exclusive: false, autoDelete: false, arguments);
        session.Declared(type);
        return declared.MessageCount;
    }

    /// <summary>The broker's version, or 0.0 when it does not tell.</summary>
    public static Version VersionOf(IConnection connection) =>
        connection.ServerProperties is { } facts
        && facts.TryGetValue("version", out var value)
        && value is byte[] text
        && Version.TryParse(Leading(Encoding.ASCII.GetString(text)), out var version)
            ? version
            : new Version(0, 0);

    // Pre-releases have a tail: 4.1.0-rc.1.
    private static string Leading(string version) =>
        new([.. version.TakeWhile(letter => char.IsDigit(letter) || letter == '.')]);

    /// <summary>What a message says: which task became ready. It is for people; the record decides which one starts.</summary>
    public static BasicProperties Describe(ReadyTask task) => new()
    {
        Persistent = true,
        Priority = (byte)Math.Clamp(task.Priority, 0, PriorityMax),
        MessageId = task.Id,
        Type = task.Type,
        AppId = "koubou",
        ContentType = "text/plain",
    };

    public static ReadOnlyMemory<byte> BodyOf(ReadyTask task) => Encoding.ASCII.GetBytes(task.Id);
}

/// <summary>A task that became ready, as its message names it.</summary>
internal readonly record struct ReadyTask(string Id, string Type, int Priority);
