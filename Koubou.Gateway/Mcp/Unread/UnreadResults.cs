using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Mcp.Unread;

/// <summary>
/// Remembers, for each client, which results it delegated for and has not read: a conversation that was compacted, or a
/// call that timed out, then costs a reminder and no result. See docs/decisions/0006-unread-results.md.
/// </summary>
internal sealed class UnreadResults(
    UnreadStore store, TaskQueue.TaskQueueClient scheduler, CallLimits limits) : IChangeListener
{
    private const int ListedMax = 5;
    private const int CheckedAtOnce = 100;
    private const int RecentMax = 8_192;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, OpenResults> _clients = store.Load();
    private readonly OrderedDictionary<string, bool> _recentlyFinished = new(StringComparer.Ordinal);
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The client was given the ids of these tasks.</summary>
    public void Delegated(string client, IReadOnlyList<TaskReceipt> receipts)
    {
        lock (_lock)
        {
            if (!_clients.TryGetValue(client, out var open))
            {
                _clients.Add(client, open = store.NewClient());
            }

            // A quick task may have been heard to finish before its receipt arrived here.
            var dropped = receipts
                .Select(receipt => open.Add(receipt.Id, receipt.State.IsFinal() || _recentlyFinished.ContainsKey(receipt.Id)))
                .OfType<string>()
                .ToList();
            store.Journal.Add(client, receipts.Select(receipt => receipt.Id));
            store.Journal.Remove(client, dropped);
        }
    }

    /// <summary>The client has the whole result of these tasks, or wants none.</summary>
    public void Read(string client, IEnumerable<string> ids)
    {
        lock (_lock)
        {
            if (_clients.TryGetValue(client, out var open))
            {
                store.Journal.Remove(client, [.. ids.Where(open.Remove)]);
            }
        }
    }

    /// <summary>The oldest finished results that the client has not read, without those that it sees anyway.</summary>
    public async Task<UnreadView> ViewAsync(string client, HashSet<string> shown, CancellationToken cancellationToken)
    {
        var finished = FinishedOf(client, shown);
        if (finished.Count == 0)
        {
            return UnreadView.None;
        }

        var records = await ReadAsync([.. finished.Take(ListedMax)], cancellationToken);
        return new UnreadView(
            finished.Count,
            [.. records.Select(record =>
                new UnreadResult(record.Id, record.State.ToWord(), TextWeight.Title(record.Spec.Prompt)))],
            "Read each with get_result when you need it.");
    }

    /// <summary>Completes once the end of a task has been heard, unless that was long ago.</summary>
    internal async Task HeardAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task heard;
            lock (_lock)
            {
                if (_recentlyFinished.ContainsKey(id))
                {
                    return;
                }

                heard = _heard.Task;
            }

            await heard.WaitAsync(cancellationToken);
        }
    }

    public void Hear(TaskEvent change)
    {
        lock (_lock)
        {
            if (change.State.IsFinal())
            {
                _recentlyFinished[change.TaskId] = true;
                _heard.SetResult();
                _heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_recentlyFinished.Count > RecentMax)
                {
                    _recentlyFinished.RemoveAt(0);
                }
            }
            else
            {
                _recentlyFinished.Remove(change.TaskId);
            }

            foreach (var (client, open) in _clients)
            {
                if (change.Kind == EventKind.Deleted)
                {
                    store.Journal.Remove(client, open.Remove(change.TaskId) ? [change.TaskId] : []);
                }
                else
                {
                    open.Mark(change.TaskId, change.State.IsFinal());
                }
            }
        }
    }

    /// <summary>Looks at every open task anew: after a start, and after a gap in the log of changes.</summary>
    public async Task LookAnewAsync(CancellationToken cancellationToken)
    {
        foreach (var ids in OpenIds().Chunk(CheckedAtOnce))
        {
            var states = (await ReadAsync(ids, cancellationToken)).ToDictionary(record => record.Id, record => record.State);
            lock (_lock)
            {
                foreach (var (client, open) in _clients)
                {
                    foreach (var id in ids)
                    {
                        open.Mark(id, states.GetValueOrDefault(id).IsFinal());
                    }

                    store.Journal.Remove(client, [.. ids.Where(id => !states.ContainsKey(id) && open.Remove(id))]);
                }
            }
        }
    }

    private List<string> FinishedOf(string client, HashSet<string> shown)
    {
        lock (_lock)
        {
            return _clients.TryGetValue(client, out var open) ? [.. open.Finished.Where(id => !shown.Contains(id))] : [];
        }
    }

    private string[] OpenIds()
    {
        lock (_lock)
        {
            return [.. _clients.Values.SelectMany(open => open.Ids).Distinct()];
        }
    }

    private async Task<IEnumerable<TaskRecord>> ReadAsync(string[] ids, CancellationToken cancellationToken)
    {
        var request = new WaitRequest { Ids = { ids }, Timeout = new Duration() };
        return (await scheduler.WaitAsync(request, limits.Brief(cancellationToken))).Tasks;
    }
}
