using System.Globalization;
using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    private const int PageSizeDefault = 50;

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
            if (Find(id) is { State: TaskState.Queued } task)
            {
                record.QueuePosition = ready.PositionOf(task);
            }
        }

        return record;
    }

    public Task<ListReply> ListAsync(ListRequest request, CancellationToken cancellation) =>
        reader.ListAsync(request, request.PageSize == 0 ? PageSizeDefault : request.PageSize, cancellation);

    public Task<IReadOnlyDictionary<TaskState, long>> CountAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<TaskState, long>>(
                TaskStates.All.ToDictionary(state => state, state => counts[(int)state]));
        }
    }
}
