using RabbitMQ.Client;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// The claims that this scheduler holds: those that are bound to running tasks, and a few that were taken and found no
/// task yet. They are taken one by one as slots become free (<c>basic.get</c>), so that no scheduler keeps from another
/// what it has no slot for; only while tasks of a type start fast, a <see cref="Flow"/> brings them ahead of the slots.
/// </summary>
internal sealed class ClaimDesk : IAsyncDisposable
{
    // A claim that nobody used for so long goes back.
    private static readonly TimeSpan UnusedMax = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly BrokerLink _link;
    private readonly BrokerQueues _queues;
    private readonly TimeProvider _time;
    private readonly bool _alone;
    private readonly Dictionary<string, Queue<Claim>> _spare = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Claim> _bound = new(StringComparer.Ordinal);
    private readonly Flows _flows;
    private bool _isShort;
    private TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="address">Of the broker.</param>
    /// <param name="queues">Of the workshop.</param>
    /// <param name="flowFrom">How many claims of a type are asked for before they flow.</param>
    /// <param name="alone">Whether no other scheduler takes claims.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the connection.</param>
    public ClaimDesk(
        BrokerAddress address, BrokerQueues queues, int flowFrom, bool alone, TimeProvider time, ILogger logger)
    {
        _queues = queues;
        _alone = alone;
        _flows = new Flows(queues, flowFrom, UnusedMax, alone, time, OnDelivered);
        _time = time;
        _link = new BrokerLink(address, "claims", kind: null, logger);

        // The broker has put them back into their queues.
        _link.Lost += Clear;
    }

    public BrokerLink Link => _link;

    public bool IsOpen => _link.Session is not null;

    /// <summary>Called when a claim has come that somebody asked for in vain.</summary>
    public event Action? Arrived;

    /// <summary>Completes when the next claim comes of itself.</summary>
    public Task Arrival => Volatile.Read(ref _arrival).Task;

    /// <summary>
    /// Up to <paramref name="count"/> claims of a type, spare ones first. Fewer when its queue has no more, when they are
    /// on their way, or the broker is away.
    /// </summary>
    public async Task<List<Claim>> TakeAsync(string type, int count)
    {
        var taken = TakeSpare(type, count);
        if (taken.Count == count || _link.Session is not { } session)
        {
            return taken;
        }

        try
        {
            if (!session.HasDeclared(type))
            {
                await _queues.DeclareAsync(session, type);
            }

            if (_flows.Find(session, type) is { } flow
                ? !await _flows.HasAllAsync(flow)
                : await _flows.ResumeAsync(session, type))
            {
                taken.AddRange(TakeSpare(type, count - taken.Count, noteShort: true));
                return taken;
            }

            var (asked, isEmpty) = await AskAsync(session, type, count - taken.Count);
            taken.AddRange(asked);
            await _flows.NoteAsync(session, type, asked.Count, isEmpty);
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
                LineOf(claim.Type).Enqueue(claim);
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

        before?.Acknowledge();
    }

    /// <summary>The task's lease is over in the record: its message has done its work.</summary>
    public void Release(string taskId)
    {
        Claim? claim;
        lock (_gate)
        {
            _bound.Remove(taskId, out claim);
        }

        claim?.Acknowledge();
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

    /// <summary>
    /// Gives spare claims back that nobody used for long, and ends flows that bring what nobody uses, or nothing.
    /// </summary>
    public async Task ReturnUnusedAsync()
    {
        foreach (var flow in _flows.All.Where(IsIdle))
        {
            await _flows.EndAsync(flow);
        }

        var unused = new List<Claim>();
        lock (_gate)
        {
            foreach (var line in _spare.Values)
            {
                for (var left = line.Count; left > 0; left--)
                {
                    var claim = line.Dequeue();
                    if (IsOld(claim.TakenAt))
                    {
                        unused.Add(claim);
                    }
                    else
                    {
                        line.Enqueue(claim);
                    }
                }
            }
        }

        unused.ForEach(claim => claim.GiveBack());
    }

    /// <summary>Whether claims of a type may be on their way here unasked, so that they cannot be counted.</summary>
    public bool IsFlowing(string type) => FindFlow(type) is { } flow && !IsOld(flow.LastAt);

    /// <summary>Lets no more claims of a type come unasked.</summary>
    public Task EndFlowAsync(string type) =>
        FindFlow(type) is { } flow ? _flows.EndAsync(flow) : Task.CompletedTask;

    /// <summary>Takes up to so many messages of a type that stand for no task, and drops them. Returns how many.</summary>
    public async Task<int> DropAsync(string type, int count)
    {
        var stale = await TakeAsync(type, count);
        stale.ForEach(claim => claim.Acknowledge());
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
                foreach (var flow in _flows.All)
                {
                    await _flows.EndAsync(flow);
                }

                await session.Acknowledger.CompleteAsync().WaitAsync(BrokerSession.CloseTimeout, TimeProvider.System);

                // All at once, and before the connection closes: the next scheduler finds them there.
                await session.Channel.BasicNackAsync(deliveryTag: 0, multiple: true, requeue: true);
            }
            catch (Exception error) when (RabbitMqErrors.IsBroken(error))
            {
                // They come back with the end of the connection.
            }
        }

        await _link.DisposeAsync();
        _flows.Dispose();
    }

    private async Task<(List<Claim> Taken, bool IsEmpty)> AskAsync(BrokerSession session, string type, int count)
    {
        var taken = new List<Claim>(count);
        var left = uint.MaxValue;
        while (taken.Count < count && left > 0)
        {
            if (await session.Channel.BasicGetAsync(_queues.NameOf(type), autoAck: false) is not { } message)
            {
                left = 0;
                break;
            }

            left = message.MessageCount;
            session.Acknowledger.Note(message.DeliveryTag);
            taken.Add(new Claim(session, message.DeliveryTag, type, _time.GetTimestamp()));
        }

        return (taken, left == 0);
    }

    private List<Claim> TakeSpare(string type, int count, bool noteShort = false)
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

            _isShort |= noteShort && taken.Count < count;
        }

        return taken;
    }

    private Queue<Claim> LineOf(string type)
    {
        if (!_spare.TryGetValue(type, out var line))
        {
            _spare[type] = line = new Queue<Claim>();
        }

        return line;
    }

    private Flow? FindFlow(string type) => _link.Session is { } session ? _flows.Find(session, type) : null;

    // It brings what nobody uses; or nothing, where it might be another's turn.
    private bool IsIdle(Flow flow)
    {
        lock (_gate)
        {
            return (!_alone && IsOld(flow.LastAt)) || LineOf(flow.Type).Any(claim => IsOld(claim.TakenAt));
        }
    }

    private void OnDelivered(Flow flow, ulong tag)
    {
        bool wasShort;
        flow.Session.Acknowledger.Note(tag);
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var claim = new Claim(flow.Session, tag, flow.Type, now, flow);
            flow.LastAt = now;
            if (IsValid(claim))
            {
                LineOf(flow.Type).Enqueue(claim);
            }

            (wasShort, _isShort) = (_isShort, false);
        }

        Interlocked.Exchange(ref _arrival, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult();
        if (wasShort)
        {
            Arrived?.Invoke();
        }
    }

    private bool IsOld(long moment) => _time.GetElapsedTime(moment) > UnusedMax;

    private bool IsValid(Claim claim) => ReferenceEquals(claim.Session, _link.Session);

    private void Clear()
    {
        lock (_gate)
        {
            _spare.Clear();
            _bound.Clear();
            _isShort = false;
        }
    }
}
