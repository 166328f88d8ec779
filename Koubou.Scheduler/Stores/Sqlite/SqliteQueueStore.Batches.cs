using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    public Task<IReadOnlyList<WaitingCount>> CountWaitingAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult(_counts.Waiting);
        }
    }

    public Task<long> CountLiveAsync(string client, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult(_counts.LiveOf(client));
        }
    }

    public Task<ListBatchesReply> ListBatchesAsync(ListBatchesRequest request, CancellationToken cancellation) =>
        _listing.ListBatchesAsync(request, cancellation);

    public Task<Batch?> GetBatchAsync(string id, CancellationToken cancellation) =>
        _listing.GetBatchAsync(id, cancellation);

    public Task<DataPolicy?> FindBatchPolicyAsync(string id, CancellationToken cancellation) =>
        _listing.FindBatchPolicyAsync(id, cancellation);

    public async Task<int> ImportAsync(IReadOnlyList<TaskRecord> records, CancellationToken cancellation)
    {
        EnsureSound();
        var byId = records.DistinctBy(record => record.Id).ToDictionary(record => TaskId.Parse(record.Id));
        await _finishedChanges.WaitAsync(cancellation);
        try
        {
            var known = await _reader.FindKeysAsync([.. byId.Keys.Select(id => id.Key)], cancellation);
            var inserts = byId
                .Where(pair => !known.Contains(pair.Key.Key))
                .OrderBy(pair => pair.Key)
                .Select(pair => ToInsert(pair.Key, pair.Value))
                .ToList();
            if (inserts.Count > 0)
            {
                await InsertAsync(inserts, cancellation);
            }

            return inserts.Count(insert => insert.Duplicate is null);
        }
        finally
        {
            _finishedChanges.Release();
        }
    }

    private static TaskInsert ToInsert(TaskId id, TaskRecord record)
    {
        var task = ToLive(new NewTask(id, record.Spec, id.CreatedAt), []);
        task.State = record.State switch
        {
            // Its worker is not one of this workshop.
            TaskState.Running => TaskState.Queued,
            TaskState.Unspecified => DependencyRules.AfterBlocked(null, id.CreatedAt).State,
            var state => state,
        };
        task.AttemptsUsed = record.AttemptsUsed;
        task.DueAt = ToMilliseconds(record.DueAt ?? record.Spec.NotBefore);
        task.StartedAt = ToMilliseconds(record.StartedAt);
        task.FinishedAt = ToMilliseconds(record.FinishedAt);
        task.Attempts = [.. record.Attempts];
        task.Error = record.Error;
        task.Artifacts = record.Artifacts;
        task.Node = record.Attempts.LastOrDefault()?.Node ?? "";
        task.OutputBytes = record.OutputBytes;
        return new TaskInsert(task, record.Spec, id.CreatedAt, record);
    }
}
