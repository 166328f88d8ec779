using RabbitMQ.Client;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// A subscription to the claims of one type, while tasks of it start so fast that to ask for each would hold them up. The
/// broker sends as many as its credit says, ahead of the slots.
/// </summary>
/// <remarks>
/// Credit is fixed when a consumer subscribes, so it grows by one more consumer. It grows only while claims are used as
/// fast as they come, and a flow whose claims lie about ends (<see cref="ClaimDesk.ReturnUnusedAsync"/>).
/// </remarks>
internal sealed class Flow(BrokerSession session, string type, string queue, Action<Flow, ulong> delivered, Action<Flow> ended)
    : AsyncDefaultBasicConsumer(session.Channel)
{
    private const int CreditFirst = 32;
    private const int CreditMax = 1_024;

    private readonly List<string> _tags = [];
    private bool _isOver;
    private int _credit;
    private int _outstanding;

    public BrokerSession Session => session;

    public string Type => type;

    /// <summary>When it brought the last one.</summary>
    public long LastAt { get; set; }

    /// <summary>Whether its credit grew, because its claims were used as fast as they came.</summary>
    public bool IsFast => Volatile.Read(ref _credit) > CreditFirst;

    /// <summary>Whether enough of its credit is left, or it may have no more.</summary>
    public bool IsWide =>
        Volatile.Read(ref _credit) >= CreditMax || Volatile.Read(ref _outstanding) < Volatile.Read(ref _credit) / 4 * 3;

    /// <summary>Whether all that it may bring is here, so that more must be asked for.</summary>
    public bool IsExhausted => Volatile.Read(ref _outstanding) >= Volatile.Read(ref _credit);

    /// <summary>
    /// Subscribes, or doubles the credit when three quarters of it are used. One caller at a time for each session: what
    /// credit a consumer gets is said to the channel.
    /// </summary>
    public async Task WidenAsync()
    {
        if (_isOver || IsWide)
        {
            return;
        }

        var more = Math.Max(CreditFirst, _credit);
        await session.Channel.BasicQosAsync(prefetchSize: 0, (ushort)more, global: false);
        _tags.Add(await session.Channel.BasicConsumeAsync(queue, autoAck: false, this));
        Volatile.Write(ref _credit, _credit + more);
    }

    /// <summary>Ends the subscription. Claims that it brought stay here. One caller at a time, as above.</summary>
    public async Task EndAsync()
    {
        _isOver = true;
        foreach (var tag in _tags)
        {
            await session.Channel.BasicCancelAsync(tag);
        }

        _tags.Clear();
    }

    /// <summary>One of its claims is spoken of: the broker may send another.</summary>
    public void Settled() => Interlocked.Decrement(ref _outstanding);

    public override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _outstanding);
        delivered(this, deliveryTag);
        return Task.CompletedTask;
    }

    /// <summary>The broker ends it: somebody deleted the queue.</summary>
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        ended(this);
        return Task.CompletedTask;
    }
}
