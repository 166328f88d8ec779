namespace Koubou.Scheduler.Stores.RabbitMq;

internal sealed partial class RabbitMqQueueStore
{
    // The record may be a moment ahead of the log, and the log of the broker.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Longer than another scheduler may keep claims that it has no use for.
    private static readonly TimeSpan PatienceWithOthers = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    public async ValueTask<IReadOnlyList<LeasedTask>> LeaseAsync(LeaseRequest request, CancellationToken cancellation)
    {
        if (!_claims.IsOpen || request.Count <= 0)
        {
            return [];
        }

        var queued = await CountQueuedAsync(request, cancellation);
        if (queued.Count == 0)
        {
            return [];
        }

        var hand = new Hand();
        try
        {
            await FillAsync(hand, queued, request.Count);
            if (hand.IsEmpty)
            {
                await WaitForMoreAsync(request, hand, queued, cancellation);
            }

            var inVain = !await WaitForRestAsync(request, hand, queued, cancellation);
            var isShort = hand.IsShortOf(queued, request.Count);
            var leased = await LeaseAsync(request, hand, cancellation);
            _shortage.Note(isShort && leased.Count < request.Count, inVain || leased.Count == 0);
            return leased;
        }
        finally
        {
            _claims.PutBack(hand.TakeAll());
        }
    }

    public async ValueTask<IReadOnlyList<LeaseKey>> RenewAsync(
        IReadOnlyList<LeaseKey> leases, CancellationToken cancellation) => await _records.RenewAsync(leases, cancellation);

    public ValueTask<IReadOnlyList<LeaseKey>> ListLeasesAsync(string node, CancellationToken cancellation) =>
        _records.ListLeasesAsync(node, cancellation);

    private async Task<Dictionary<string, long>> CountQueuedAsync(LeaseRequest request, CancellationToken cancellation)
    {
        var queued = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var count in await _records.CountWaitingAsync(cancellation))
        {
            if (count.Queued > 0 && (request.Takes is null || request.Takes(count.Type)))
            {
                queued[count.Type] = queued.GetValueOrDefault(count.Type) + count.Queued;
            }
        }

        return queued;
    }

    private async Task FillAsync(Hand hand, Dictionary<string, long> queued, int most)
    {
        foreach (var (type, count) in queued)
        {
            var missing = (int)Math.Min(most, count) - hand.Count(type);
            if (missing > 0)
            {
                hand.Add(type, await _claims.TakeAsync(type, missing));
            }
        }
    }

    // Waits for messages that are under way. Who waited in vain waits no more until one of them has come.
    private async Task WaitForMoreAsync(
        LeaseRequest request, Hand hand, Dictionary<string, long> queued, CancellationToken cancellation)
    {
        if (!_role.IsMine || _shortage.IsKnown)
        {
            return;
        }

        await _outbox.CatchUpAsync(Patience);
        var news = NextNews();
        await FillAsync(hand, queued, request.Count);
        var begun = TimeProvider.System.GetTimestamp();
        while (hand.IsEmpty && _publisher.Takes)
        {
            // Another node's wish may have taken task and message meanwhile.
            queued = await CountQueuedAsync(request, cancellation);
            if (queued.Count == 0)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(begun) > (_role is SoleOutbox ? Patience : PatienceWithOthers))
            {
                // Lost: published again at once.
                await _sweep.RunOnceAsync(atOnce: true);
                await FillAsync(hand, queued, request.Count);
                return;
            }

            await ((Task)news).WaitAsync(Glance, TimeProvider.System, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            news = NextNews();
            await FillAsync(hand, queued, request.Count);
        }
    }

    // Where nobody else takes claims and none is on its way to the broker, all that are missing are on their way here.
    // False when they did not come.
    private async Task<bool> WaitForRestAsync(
        LeaseRequest request, Hand hand, Dictionary<string, long> queued, CancellationToken cancellation)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (_role is SoleOutbox
            && !_shortage.IsKnown
            && !hand.IsEmpty
            && hand.IsShortOf(queued, request.Count)
            && _publisher is { Takes: true, UnderWay: 0 })
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience)
            {
                return false;
            }

            var news = NextNews();
            queued = await CountQueuedAsync(request, cancellation);
            await FillAsync(hand, queued, request.Count);
            if (hand.IsShortOf(queued, request.Count))
            {
                await ((Task)news).WaitAsync(Glance, TimeProvider.System, cancellation)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return true;
    }

    private Task<Task> NextNews() => Task.WhenAny(_publisher.Progress, _claims.Arrival);

    // The record chooses among the types that a claim is in hand for; a few steps where these are unevenly many.
    private async Task<IReadOnlyList<LeasedTask>> LeaseAsync(LeaseRequest request, Hand hand, CancellationToken cancellation)
    {
        var leased = new List<LeasedTask>(request.Count);
        while (leased.Count < request.Count && !hand.IsEmpty)
        {
            var count = Math.Min(request.Count - leased.Count, hand.Fewest);
            IReadOnlyList<LeasedTask> step;
            try
            {
                step = await _records.LeaseAsync(
                    request with { Count = count, Fits = lane => hand.Count(lane.Type) > 0 && request.Fits(lane) },
                    cancellation);
            }
            catch (StoreUnusableException) when (leased.Count > 0)
            {
                // What the earlier steps leased is leased.
                break;
            }

            foreach (var task in step)
            {
                _claims.Bind(task.Lease.TaskId, hand.Take(task.Spec.Type));
            }

            leased.AddRange(step);
            if (step.Count < count)
            {
                break;
            }
        }

        return leased;
    }
}
