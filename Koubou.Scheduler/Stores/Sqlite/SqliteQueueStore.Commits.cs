using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>What happens when a group of decisions is on disk, or could not be written.</summary>
internal sealed partial class SqliteQueueStore
{
    WriteBatch ICommitTarget.Gathered => _gathered;

    WriteBatch ICommitTarget.TakeGathered()
    {
        _writing = _gathered;
        _gathered = new WriteBatch();
        foreach (var task in _writing.Dirty)
        {
            task.DirtyIn = null;
        }

        return _writing;
    }

    void ICommitTarget.OnCommitted(WriteBatch batch, IReadOnlyList<TaskEvent> written)
    {
        bool anyReady;
        lock (_gate)
        {
            _writing = null;
            foreach (var insert in batch.Inserts)
            {
                Admit(insert);
            }

            foreach (var insert in batch.Inserts)
            {
                // After all are known: a task may depend on a later one of the same submit.
                if (insert is { Duplicate: null, Task.State: TaskState.Blocked })
                {
                    Block(insert.Task);
                }
            }

            foreach (var task in batch.Dirty)
            {
                if (task.State.IsFinal() && task.DirtyIn is null)
                {
                    _live.Remove(task.Id.Key);
                    if (task.State == TaskState.Succeeded)
                    {
                        TellDependants(task, Timestamp.FromDateTimeOffset(_time.GetUtcNow()));
                    }
                }
            }

            anyReady = _ready.Count > 0;
            _bytesUsed = _options.BytesMax > 0 ? _writer!.BytesUsed() : 0;
        }

        _events.Publish(written);
        batch.Complete();
        if (anyReady)
        {
            TasksReady?.Invoke();
        }
    }

    void ICommitTarget.OnFailed(WriteBatch batch, StoreUnusableException error)
    {
        WriteBatch also;
        lock (_gate)
        {
            // What was decided since rests on what was not written.
            also = _gathered;
            _gathered = new WriteBatch();
            _writing = null;
            _insertsPending = 0;
            _broken = true;
        }

        batch.Fail(error);
        also.Fail(error);
        TryRebuild();
    }

    // Reads the state from disk again; until that works, every change is refused.
    private void TryRebuild()
    {
        try
        {
            var totals = _reader.ReadTotalsAsync(CancellationToken.None).GetAwaiter().GetResult();
            var tasks = _reader.LoadLiveAsync(CancellationToken.None).GetAwaiter().GetResult();
            lock (_gate)
            {
                if (!_broken)
                {
                    // Another call was faster, and the queue has moved on since.
                    return;
                }

                _live.Clear();
                _ready.Clear();
                _times.Clear();
                _graph.Clear();
                _specBytesCached = 0;
                _counts.StartWith(totals.Counts);
                Remember(tasks);
                _broken = false;
            }

            _ = ResolveInBackgroundAsync([.. tasks.Where(task => task.State == TaskState.Blocked)]);
        }
        catch (StoreUnusableException)
        {
            // Still unreadable: the next change tries again.
        }
    }

    /// <summary>Refuses changes while memory and disk may differ. Called before every change, without the gate.</summary>
    private void EnsureSound()
    {
        if (!Volatile.Read(ref _broken))
        {
            return;
        }

        TryRebuild();
        if (Volatile.Read(ref _broken))
        {
            throw new StoreUnusableException("The queue's database could not be written, and cannot be read. Check its disk with `df -h`.");
        }
    }

    // The same under the gate, for what broke since the call began.
    private void ThrowIfBroken()
    {
        if (_broken)
        {
            throw new StoreUnusableException("The queue's database could not be written just now. Try again.");
        }
    }
}
