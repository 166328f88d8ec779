using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    public Task<IReadOnlyList<WaitingCount>> CountWaitingAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public Task<long> CountLiveAsync(string client, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<ListBatchesReply> ListBatchesAsync(ListBatchesRequest request, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<Batch?> GetBatchAsync(string id, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<int> ImportAsync(IReadOnlyList<TaskRecord> records, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
