using RabbitMQ.Client;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// The claims that this scheduler holds: those that are bound to running tasks, and a few that were taken and found no
/// task yet. They are taken one by one as slots become free (<c>basic.get</c>), never ahead, so that no scheduler keeps
/// from another what it has no slot for.
/// </summary>
internal sealed class ClaimDesk : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly BrokerLink _link;
    private readonly BrokerQueues _queues;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Queue<Claim>> _spare = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Claim> _bound = new(StringComparer.Ordinal);

    public ClaimDesk(BrokerAddress address, BrokerQueues queues, TimeProvider time, ILogger logger)
    {
        _queues = queues;
        _time = time;
        _link = new BrokerLink(address, "claims", kind: null, logger);

        // The broker has put them back into their queues.
        _link.Lost += Clear;
    }

    public BrokerLink Link => _link;

    public bool IsOpen => _link.Session is not null;

    /// <summary>
    /// Up to <paramref name="count"/> claims of a type, spare ones first. Fewer when its queue has no more, or the broker
    /// is away.
    /// </summary>
    public async Task<List<Claim>> TakeAsync(string type, int count)
    {
        var taken = TakeSpare(type, count);
        if (_link.Session is not { } session)
        {
            return taken;
        }

        try
        {
            if (taken.Count < count && !session.HasDeclared(type))
            {
                await _queues.DeclareAsync(session, type);
            }

            while (taken.Count < count
                && await session.Channel.BasicGetAsync(_queues.NameOf(type), autoAck: false) is { } message)
            {
                taken.Add(new Claim(session, message.DeliveryTag, type, _time.GetTimestamp()));
            }
        }
        catch (Exception error) when (RabbitMqErrors.IsBroken(error))
        {
            // A get whose answer does not come may still be answered: only the end of the channel gives it back.
            session.Abandon(error.Message);
        }

        return taken;
    }

    /// <summary>Keeps claims that found no task.</summary>
    public void PutBack(IEnumerable<Claim> claims)
    {
        lock (_gate)
        {
            foreach (var claim in claims.Where(IsValid))
            {
                if (!_spare.TryGetValue(claim.Type, out var line))
                {
                    _spare[claim.Type] = line = new Queue<Claim>();
                }

                line.Enqueue(claim);
            }
        }
    }

    public int CountSpare(string type)
    {
        lock (_gate)
        {
            return _spare.TryGetValue(type, out var line) ? line.Count : 0;
        }
    }

    /// <summary>From now on the claim is held for as long as the task's lease.</summary>
    public void Bind(string taskId, Claim claim)
    {
        Claim? before;
        lock (_gate)
        {
            _bound.Remove(taskId, out before);
            if (IsValid(claim))
            {
                _bound[taskId] = claim;
            }
        }

        Acknowledge(before);
    }

    /// <summary>The task's lease is over in the record: its message has done its work.</summary>
    public void Release(string taskId)
    {
        Claim? claim;
        lock (_gate)
        {
            _bound.Remove(taskId, out claim);
        }

        Acknowledge(claim);
    }

    /// <summary>The tasks whose claims were taken before a moment.</summary>
    public IReadOnlyList<(string TaskId, TimeSpan Held)> BoundLongerThan(TimeSpan held)
    {
        lock (_gate)
        {
            return [.. _bound
                .Select(pair => (pair.Key, _time.GetElapsedTime(pair.Value.TakenAt)))
                .Where(pair => pair.Item2 > held)];
        }
    }

    /// <summary>Gives spare claims back that nobody used for so long. Returns whether there were any.</summary>
    public bool ReturnUnused(TimeSpan longerThan)
    {
        var unused = new List<Claim>();
        lock (_gate)
        {
            foreach (var line in _spare.Values)
            {
                while (line.TryPeek(out var claim) && _time.GetElapsedTime(claim.TakenAt) > longerThan)
                {
                    unused.Add(line.Dequeue());
                }
            }
        }

        foreach (var claim in unused)
        {
            Send(claim, channel => channel.BasicNackAsync(claim.Tag, multiple: false, requeue: true));
        }

        return unused.Count > 0;
    }

    /// <summary>Takes up to so many messages of a type that stand for no task, and drops them. Returns how many.</summary>
    public async Task<int> DropAsync(string type, int count)
    {
        var stale = await TakeAsync(type, count);
        stale.ForEach(Acknowledge);
        return stale.Count;
    }

    /// <summary>The messages of a type that are here or ready at the broker; null while it is away.</summary>
    public async Task<long?> CountAsync(string type)
    {
        if (_link.Session is not { } session)
        {
            return null;
        }

        try
        {
            return await _queues.DeclareAsync(session, type) + CountSpare(type);
        }
        catch (Exception error) when (RabbitMqErrors.IsBroken(error))
        {
            session.Abandon(error.Message);
            return null;
        }
    }

    /// <summary>Gives back what it holds, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_link.Session is { } session)
        {
            try
            {
                // All at once, and before the connection closes: the next scheduler finds them there.
                await session.Channel.BasicNackAsync(deliveryTag: 0, multiple: true, requeue: true);
            }
            catch (Exception error) when (RabbitMqErrors.IsBroken(error))
            {
                // They come back with the end of the connection.
            }
        }

        await _link.DisposeAsync();
    }

    private List<Claim> TakeSpare(string type, int count)
    {
        var taken = new List<Claim>(count);
        lock (_gate)
        {
            if (_spare.TryGetValue(type, out var line))
            {
                while (taken.Count < count && line.TryDequeue(out var claim))
                {
                    taken.Add(claim);
                }
            }
        }

        return taken;
    }

    private bool IsValid(Claim claim) => ReferenceEquals(claim.Session, _link.Session);

    private void Acknowledge(Claim? claim)
    {
        if (claim is not null)
        {
            Send(claim, channel => channel.BasicAckAsync(claim.Tag, multiple: false));
        }
    }

    private void Clear()
    {
        lock (_gate)
        {
            _spare.Clear();
            _bound.Clear();
        }
    }

    // Not waited for: what is lost with the connection comes back to its queue, and is dropped as stale there.
    private static void Send(Claim claim, Func<IChannel, ValueTask> send)
    {
        _ = SendAsync();

        async Task SendAsync()
        {
            try
            {
                await send(claim.Session.Channel);
            }
            catch (Exception error) when (RabbitMqErrors.IsBroken(error))
            {
                claim.Session.Abandon(error.Message);
            }
        }
    }
}
