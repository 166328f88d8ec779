using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;
using Koubou.Gateway.Scheduling;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>What operators ask of the workshop, for every door alike.</summary>
internal sealed class WorkshopOperations(TaskQueue.TaskQueueClient scheduler, GatewaySettings own, CallLimits limits)
{
    // A change of everything goes through the log page by page, and is not done at once.
    private static readonly TimeSpan BulkMax = TimeSpan.FromMinutes(5);

    public async Task<BatchesReply> ListBatchesAsync(int pageSize, string pageToken, CancellationToken cancellationToken)
    {
        var request = new ListBatchesRequest { PageSize = pageSize, PageToken = pageToken };
        var reply = await scheduler.ListBatchesAsync(request, limits.Brief(cancellationToken));
        return new BatchesReply([.. reply.Batches.Select(BatchView.Of)], reply.NextPageToken.OrNull());
    }

    public async Task<BatchView> GetBatchAsync(string id, CancellationToken cancellationToken) =>
        BatchView.Of(await scheduler.GetBatchAsync(new GetBatchRequest { Id = id }, limits.Brief(cancellationToken)));

    /// <summary>Changes what the filter selects; without the scope <c>admin</c> only of the caller's own tasks.</summary>
    public async Task<BulkReply> ChangeAsync(
        Caller caller, Change change, ListRequest filter, CancellationToken cancellationToken)
    {
        if (!caller.May(KeyScopes.Admin))
        {
            filter.Client = caller.Client;
        }

        var request = new ChangeMatchingRequest { Change = change, Filter = filter };
        return BulkReply.Of(await scheduler.ChangeMatchingAsync(request, limits.Within(BulkMax, cancellationToken)));
    }

    public async Task<HealthView> HealthAsync(CancellationToken cancellationToken) =>
        HealthView.Of(await scheduler.GetHealthAsync(new HealthRequest(), limits.Brief(cancellationToken)));

    /// <param name="from">Null: an hour ago.</param>
    /// <param name="step">Null: one minute.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<MetricsView> MetricsAsync(DateTimeOffset? from, TimeSpan? step, CancellationToken cancellationToken)
    {
        var request = new MetricsRequest
        {
            From = from is { } time ? Timestamp.FromDateTimeOffset(time) : null,
            Step = step is { } length ? Duration.FromTimeSpan(length) : null,
        };
        return MetricsView.Of(await scheduler.GetMetricsAsync(request, limits.Brief(cancellationToken)));
    }

    /// <summary>What the scheduler, the worker nodes and this gateway run with.</summary>
    public async Task<SettingsView> SettingsAsync(CancellationToken cancellationToken)
    {
        var reply = await scheduler.GetSettingsAsync(new SettingsRequest(), limits.Brief(cancellationToken));
        return SettingsView.Of(reply.Settings.Concat(own.All()));
    }

    public Task<WorkerView> DrainAsync(string node, CancellationToken cancellationToken) =>
        ControlAsync(new ControlNodeRequest { NodeId = node, Drain = true }, cancellationToken);

    public Task<WorkerView> ResumeAsync(string node, CancellationToken cancellationToken) =>
        ControlAsync(new ControlNodeRequest { NodeId = node, Resume = true }, cancellationToken);

    public Task<WorkerView> LimitAsync(string node, int slotsMax, CancellationToken cancellationToken) =>
        ControlAsync(new ControlNodeRequest { NodeId = node, SlotsMax = slotsMax }, cancellationToken);

    private async Task<WorkerView> ControlAsync(ControlNodeRequest request, CancellationToken cancellationToken) =>
        WorkerView.Of(await scheduler.ControlNodeAsync(request, limits.Brief(cancellationToken)));
}
