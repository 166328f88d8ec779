namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// Which types flow. A flow begins when so many claims of a type are asked for that what comes ahead is used up before it
/// would have to go back; and at an empty queue that no other scheduler waits at, so that the next claim comes at once.
/// </summary>
/// <param name="queues">Of the workshop.</param>
/// <param name="from">How many claims of a type are asked for within a pace before they flow. Usually <see cref="From"/>.</param>
/// <param name="pace">How long a claim may lie unused.</param>
/// <param name="alone">Whether no other scheduler takes claims.</param>
/// <param name="time">The clock.</param>
/// <param name="delivered">Takes what a flow brings.</param>
internal sealed class Flows(
    BrokerQueues queues, int from, TimeSpan pace, bool alone, TimeProvider time, Action<Flow, ulong> delivered) : IDisposable
{
    public const int From = 16;

    // A fast flow that ended because of a hitch goes on so long after without asking first.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _changing = new(1);
    private readonly Dictionary<string, Flow> _flows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Pace> _paces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _endedFast = new(StringComparer.Ordinal);

    public IReadOnlyList<Flow> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _flows.Values];
            }
        }
    }

    public Flow? Find(BrokerSession session, string type)
    {
        lock (_gate)
        {
            return _flows.GetValueOrDefault(type) is { } flow && ReferenceEquals(flow.Session, session) ? flow : null;
        }
    }

    /// <summary>Begins a flow anew that was fast a moment ago. Returns whether it did.</summary>
    public async Task<bool> ResumeAsync(BrokerSession session, string type)
    {
        Flow flow;
        lock (_gate)
        {
            if (!_endedFast.Remove(type, out var ended) || time.GetElapsedTime(ended) > Again)
            {
                return false;
            }

            if (Find(session, type) is not null)
            {
                return true;
            }

            flow = Add(session, type);
        }

        await HasAllAsync(flow);
        return true;
    }

    /// <summary>Claims of a type were asked for. Begins a flow when it is time for it.</summary>
    public async Task NoteAsync(BrokerSession session, string type, int taken, bool isEmpty)
    {
        Flow flow;
        lock (_gate)
        {
            var until = _paces.GetValueOrDefault(type);
            var now = time.GetElapsedTime(until.Since) > pace
                ? new Pace(time.GetTimestamp(), taken)
                : until with { Taken = until.Taken + taken };
            _paces[type] = now;
            if ((now.Taken < from && !(alone && isEmpty)) || Find(session, type) is not null)
            {
                return;
            }

            _paces.Remove(type);
            flow = Add(session, type);
        }

        await HasAllAsync(flow);
    }

    /// <summary>
    /// Whether a flow brings no more by itself: all that it may bring is bound to running tasks, and more must be asked
    /// for. Widens it before that, as far as that goes.
    /// </summary>
    public async Task<bool> HasAllAsync(Flow flow)
    {
        if (!flow.IsWide)
        {
            await _changing.WaitAsync();
            try
            {
                await flow.WidenAsync();
            }
            finally
            {
                _changing.Release();
            }
        }

        return flow.IsExhausted;
    }

    /// <summary>Lets a flow bring no more.</summary>
    public async Task EndAsync(Flow flow)
    {
        Forget(flow);
        lock (_gate)
        {
            if (flow.IsFast)
            {
                _endedFast[flow.Type] = time.GetTimestamp();
            }
        }

        await _changing.WaitAsync();
        try
        {
            await flow.EndAsync();
        }
        catch (Exception error) when (RabbitMqErrors.IsBroken(error))
        {
            flow.Session.Abandon(error.Message);
        }
        finally
        {
            _changing.Release();
        }
    }

    public void Dispose() => _changing.Dispose();

    private Flow Add(BrokerSession session, string type) =>
        _flows[type] = new Flow(session, type, queues.NameOf(type), delivered, OnCancelled) { LastAt = time.GetTimestamp() };

    // Somebody deleted the queue: it is made anew when it is asked next.
    private void OnCancelled(Flow flow)
    {
        Forget(flow);
        flow.Session.Forget();
    }

    private void Forget(Flow flow)
    {
        lock (_gate)
        {
            if (_flows.TryGetValue(flow.Type, out var current) && ReferenceEquals(current, flow))
            {
                _flows.Remove(flow.Type);
            }
        }
    }

    // How many claims of a type were asked for, and since when.
    private readonly record struct Pace(long Since, int Taken);
}
