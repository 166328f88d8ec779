using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.RabbitMq;

internal sealed partial class RabbitMqQueueStore
{
    public Task<TaskRecord?> GetAsync(string id, bool includeOutput, CancellationToken cancellation) =>
        _records.GetAsync(id, includeOutput, cancellation);

    public Task<ListReply> ListAsync(ListRequest request, CancellationToken cancellation) =>
        _records.ListAsync(request, cancellation);

    public Task<IReadOnlyDictionary<TaskState, long>> CountAsync(CancellationToken cancellation) =>
        _records.CountAsync(cancellation);

    public Task<IReadOnlyList<WaitingCount>> CountWaitingAsync(CancellationToken cancellation) =>
        _records.CountWaitingAsync(cancellation);

    public Task<long> CountLiveAsync(string client, CancellationToken cancellation) =>
        _records.CountLiveAsync(client, cancellation);

    public Task<ListBatchesReply> ListBatchesAsync(ListBatchesRequest request, CancellationToken cancellation) =>
        _records.ListBatchesAsync(request, cancellation);

    public Task<DataPolicy?> FindBatchPolicyAsync(string id, CancellationToken cancellation) =>
        _records.FindBatchPolicyAsync(id, cancellation);

    public Task<Batch?> GetBatchAsync(string id, CancellationToken cancellation) => _records.GetBatchAsync(id, cancellation);
}
