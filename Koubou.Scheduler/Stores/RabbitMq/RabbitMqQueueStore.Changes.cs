using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.RabbitMq;

internal sealed partial class RabbitMqQueueStore
{
    public async Task<IReadOnlyList<TaskReceipt>> EnqueueAsync(
        IReadOnlyList<NewTask> tasks, CancellationToken cancellation)
    {
        await CheckRoomAsync(tasks.Count, cancellation);
        var receipts = await _records.EnqueueAsync(tasks, cancellation);
        var ready = new List<ReadyTask>(tasks.Count);
        for (var index = 0; index < receipts.Count; index++)
        {
            if (receipts[index] is { State: TaskState.Queued, Duplicate: false } receipt)
            {
                ready.Add(new ReadyTask(receipt.Id, tasks[index].Spec.Type, tasks[index].Spec.Priority));
            }
        }

        if (ready.Count > 0)
        {
            await TellAsync(ready);
        }

        return receipts;
    }

    public async Task<int> ImportAsync(IReadOnlyList<TaskRecord> imported, CancellationToken cancellation)
    {
        var taken = await _records.ImportAsync(imported, cancellation);
        if (taken > 0)
        {
            // Not told which: counted.
            await _sweep.RunOnceAsync(atOnce: true);
        }

        return taken;
    }

    public Task<IReadOnlyList<ReportOutcome>> SettleAsync(
        IReadOnlyList<Settlement> settlements, CancellationToken cancellation) =>
        _records.SettleAsync(settlements, cancellation);

    public Task<IReadOnlyList<ChangeResult>> CancelAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _records.CancelAsync(ids, cancellation);

    public Task<IReadOnlyList<ChangeResult>> RetryAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _records.RetryAsync(ids, cancellation);

    public Task<IReadOnlyList<ChangeResult>> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _records.DeleteAsync(ids, cancellation);

    public Task<int> ReleaseDueAsync(int max, CancellationToken cancellation) => _records.ReleaseDueAsync(max, cancellation);

    public Task<int> ReapLeasesAsync(int max, CancellationToken cancellation) => _records.ReapLeasesAsync(max, cancellation);

    public Task<int> ExpireAsync(int max, CancellationToken cancellation) => _records.ExpireAsync(max, cancellation);

    public Task<int> PurgeAsync(DateTimeOffset finishedBefore, int max, CancellationToken cancellation) =>
        _records.PurgeAsync(finishedBefore, max, cancellation);

    // While the broker takes nothing, tasks gather in the record alone. That has a bound.
    private async Task CheckRoomAsync(int count, CancellationToken cancellation)
    {
        if (_publisher.Takes)
        {
            return;
        }

        var queued = (await _records.CountAsync(cancellation)).GetValueOrDefault(TaskState.Queued);
        if (queued + count > _options.OutboxMax)
        {
            throw new QueueFullException(
                $"RabbitMQ at {_address.Shown} takes nothing at the moment, and {queued:N0} tasks of at most "
                + $"{_options.OutboxMax:N0} wait for it. Submit again when it is back.");
        }
    }

    // The record is kept already: what the broker does not confirm in time follows later.
    private async Task TellAsync(List<ReadyTask> ready)
    {
        if (await _publisher.PublishAsync(ready, _options.ConfirmTimeout))
        {
            WakeUp();
        }
        else
        {
            LogUnconfirmed(_logger, ready.Count);
            _upkeep.Ask();
        }
    }
}
