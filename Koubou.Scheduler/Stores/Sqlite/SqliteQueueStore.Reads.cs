using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    public async Task<TaskRecord?> GetAsync(string id, bool includeOutput, CancellationToken cancellation)
    {
        if (!Tasks.TaskId.TryParse(id, out var taskId))
        {
            return null;
        }

        var record = await _reader.GetAsync(taskId, includeOutput, cancellation);
        if (record is null)
        {
            return null;
        }

        lock (_gate)
        {
            var task = Find(id);
            if (task is { State: TaskState.Queued })
            {
                record.QueuePosition = _ready.PositionOf(task);
            }
            else if (task is { State: TaskState.Blocked, WaitingFor: { } waitingFor })
            {
                record.WaitingFor.AddRange(waitingFor.Select(dependency => dependency.ToString()));
            }
        }

        return record;
    }

    public Task<ListReply> ListAsync(ListRequest request, CancellationToken cancellation) =>
        _listing.ListAsync(request, cancellation);

    public Task<IReadOnlyDictionary<TaskState, long>> CountAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyDictionary<TaskState, long>>(
                TaskStates.All.ToDictionary(state => state, state => _counts[state]));
        }
    }
}
