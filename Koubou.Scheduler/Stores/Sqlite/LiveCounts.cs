using System.Runtime.InteropServices;
using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>How many tasks there are, by state; of the live ones, by kind and client. Guarded by the store's gate.</summary>
internal sealed class LiveCounts
{
    private readonly long[] _states = new long[(int)TaskState.Expired + 1];
    private readonly Dictionary<(string Type, int Priority), (long All, long Queued)> _waiting = [];
    private readonly Dictionary<string, long> _liveByClient = new(StringComparer.Ordinal);

    public long this[TaskState state] => _states[(int)state];

    public IReadOnlyList<WaitingCount> Waiting =>
        [.. _waiting.Select(pair => new WaitingCount
        {
            Type = pair.Key.Type,
            Priority = pair.Key.Priority,
            Count = pair.Value.All,
            Queued = pair.Value.Queued,
        })];

    public long LiveOf(string client) => _liveByClient.GetValueOrDefault(client);

    /// <summary>Begins with what is on disk; its live tasks are to be told with <see cref="Remember"/>.</summary>
    public void StartWith(IReadOnlyDictionary<TaskState, long> stored)
    {
        Array.Clear(_states);
        _waiting.Clear();
        _liveByClient.Clear();
        foreach (var (state, count) in stored)
        {
            _states[(int)state] = count;
        }
    }

    /// <summary>A live task that is among the states' counts already.</summary>
    public void Remember(LiveTask task) => CountLive(task, task.State, 1);

    /// <summary>A task that was not there before.</summary>
    public void Enter(LiveTask task)
    {
        _states[(int)task.State]++;
        CountLive(task, task.State, 1);
    }

    /// <summary>The task goes from its state to another.</summary>
    public void Move(LiveTask task, TaskState to)
    {
        _states[(int)task.State]--;
        _states[(int)to]++;
        CountLive(task, task.State, -1);
        CountLive(task, to, 1);
    }

    /// <summary>A finished task is removed.</summary>
    public void Leave(LiveTask task) => _states[(int)task.State]--;

    private void CountLive(LiveTask task, TaskState state, int step)
    {
        if (state.IsFinal())
        {
            return;
        }

        ref var ofClient = ref CollectionsMarshal.GetValueRefOrAddDefault(_liveByClient, task.Client, out _);
        ofClient += step;
        if (ofClient == 0)
        {
            _liveByClient.Remove(task.Client);
        }

        if (state != TaskState.Running)
        {
            CountWaiting(task, state, step);
        }
    }

    private void CountWaiting(LiveTask task, TaskState state, int step)
    {
        var kind = (task.Lane.Type, task.Priority);
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_waiting, kind, out _);
        count.All += step;
        count.Queued += state == TaskState.Queued ? step : 0;
        if (count.All == 0)
        {
            _waiting.Remove(kind);
        }
    }
}
