using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Operations;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Grpc;

/// <summary>What operators ask for: many tasks at once, the state of the workshop, its nodes.</summary>
internal sealed partial class TaskQueueService
{
    private const int SlotsMaxMax = 1_024;

    public override Task<ChangeMatchingReply> ChangeMatching(ChangeMatchingRequest request, ServerCallContext context)
    {
        var faults = BulkChange.FindFaults(request);
        return faults.Count > 0 ? throw RpcErrors.Invalid(faults) : bulk.RunAsync(request, context.CancellationToken);
    }

    public override Task<ListBatchesReply> ListBatches(ListBatchesRequest request, ServerCallContext context)
    {
        RequestRules.Check(request);
        return store.ListBatchesAsync(request, context.CancellationToken);
    }

    public override async Task<Batch> GetBatch(GetBatchRequest request, ServerCallContext context) =>
        await store.GetBatchAsync(request.Id, context.CancellationToken) ?? throw RpcErrors.NoBatch(request.Id);

    public override async Task Export(
        ExportRequest request, IServerStreamWriter<TaskRecord> responseStream, ServerCallContext context)
    {
        await foreach (var record in transfer.ExportAsync(request.Filter, context.CancellationToken))
        {
            await responseStream.WriteAsync(record, context.CancellationToken);
        }
    }

    public override Task<ImportReply> Import(IAsyncStreamReader<TaskRecord> requestStream, ServerCallContext context) =>
        transfer.ImportAsync(requestStream.ReadAllAsync(context.CancellationToken), context.CancellationToken);

    public override async Task<HealthReport> GetHealth(HealthRequest request, ServerCallContext context) =>
        new() { Findings = { await health.InspectAsync(context.CancellationToken) } };

    public override Task<MetricsReply> GetMetrics(MetricsRequest request, ServerCallContext context)
    {
        var step = RequestRules.CheckStep(request.Step);
        var from = request.From?.ToDateTimeOffset() ?? time.GetUtcNow().AddHours(-1);
        return Task.FromResult(new MetricsReply { Points = { metrics.Read(from, step) } });
    }

    public override Task<WorkerNode> ControlNode(ControlNodeRequest request, ServerCallContext context)
    {
        if (workforce.Find(request.NodeId) is null)
        {
            throw RpcErrors.NoNode(request.NodeId, workforce.All.Select(node => node.Id));
        }

        if (request.ActionCase == ControlNodeRequest.ActionOneofCase.None)
        {
            throw RpcErrors.Invalid([new Fault("action", "must be drain, resume or slots_max")]);
        }

        if (request.ActionCase == ControlNodeRequest.ActionOneofCase.SlotsMax && request.SlotsMax is < 0 or > SlotsMaxMax)
        {
            throw RpcErrors.Invalid(
                [new Fault("slots_max", $"must be a whole number from 0 (no limit) to {SlotsMaxMax}; was {request.SlotsMax}")]);
        }

        nodes.Apply(request);
        peers.Tell(request);
        return Task.FromResult(workforce.Find(request.NodeId)!);
    }

    public override async Task<SettingsReply> GetSettings(SettingsRequest request, ServerCallContext context) =>
        await settings.ListAsync();
}
