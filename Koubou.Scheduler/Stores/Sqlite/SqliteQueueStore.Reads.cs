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

        var record = await reader.GetAsync(taskId, includeOutput, cancellation);
        if (record is null)
        {
            return null;
        }

        lock (gate)
        {
            var task = Find(id);
            if (task is { State: TaskState.Queued })
            {
                record.QueuePosition = ready.PositionOf(task);
            }
            else if (task is { State: TaskState.Blocked, WaitingFor: { } waitingFor })
            {
                record.WaitingFor.AddRange(waitingFor.Select(dependency => dependency.ToString()));
            }
        }

        return record;
    }

    public Task<ListReply> ListAsync(ListRequest request, CancellationToken cancellation) =>
        listing.ListAsync(request, cancellation);

    public Task<IReadOnlyDictionary<TaskState, long>> CountAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<TaskState, long>>(
                TaskStates.All.ToDictionary(state => state, state => counts[state]));
        }
    }
}
