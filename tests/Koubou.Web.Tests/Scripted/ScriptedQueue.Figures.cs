using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Web.Tests.Scripted;

// The numbers, batches and settings, as the test sets them.
public sealed partial class ScriptedQueue
{
    public List<HealthFinding> Findings { get; } = [];

    /// <summary>What metrics answer with, whatever time was asked for.</summary>
    public List<MetricsPoint> Minutes { get; } = [];

    public List<Setting> Settings { get; } = [];

    /// <summary>What was asked of nodes, in order.</summary>
    public List<ControlNodeRequest> Controls { get; } = [];

    /// <summary>The bytes of every task's artifacts, by name.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public override async Task ReadArtifact(
        ReadArtifactRequest request, IServerStreamWriter<ArtifactChunk> responseStream, ServerCallContext context)
    {
        if (!Files.TryGetValue(request.Name, out var bytes))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"The task has no file '{request.Name}'."));
        }

        foreach (var part in bytes.Chunk(1024))
        {
            await responseStream.WriteAsync(new ArtifactChunk { Data = Google.Protobuf.ByteString.CopyFrom(part) });
        }
    }

    public override Task<HealthReport> GetHealth(HealthRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            return Task.FromResult(new HealthReport { Findings = { Findings } });
        }
    }

    public override Task<MetricsReply> GetMetrics(MetricsRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            return Task.FromResult(new MetricsReply { Points = { Minutes } });
        }
    }

    public override Task<SettingsReply> GetSettings(SettingsRequest request, ServerCallContext context) =>
        Task.FromResult(new SettingsReply { Settings = { Settings } });

    public override Task<ListBatchesReply> ListBatches(ListBatchesRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            var batches = _tasks.Values.Where(task => task.Spec.BatchId.Length > 0)
                .GroupBy(task => task.Spec.BatchId)
                .Select(group => BatchOf(group.Key, [.. group]))
                .OrderByDescending(batch => batch.SubmittedAt.ToDateTimeOffset())
                .ToList();
            var from = request.PageToken.Length == 0 ? 0 : int.Parse(request.PageToken, System.Globalization.CultureInfo.InvariantCulture);
            var size = request.PageSize == 0 ? 50 : request.PageSize;
            return Task.FromResult(new ListBatchesReply
            {
                Batches = { batches.Skip(from).Take(size) },
                NextPageToken = from + size < batches.Count ? $"{from + size}" : "",
            });
        }
    }

    public override Task<Batch> GetBatch(GetBatchRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            var tasks = _tasks.Values.Where(task => task.Spec.BatchId == request.Id).ToList();
            return tasks.Count == 0
                ? throw new RpcException(new Status(StatusCode.NotFound, $"No task belongs to the batch '{request.Id}'."))
                : Task.FromResult(BatchOf(request.Id, tasks));
        }
    }

    public override Task<ChangeMatchingReply> ChangeMatching(ChangeMatchingRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            var selected = _tasks.Values.Where(task => Matches(task, request.Filter ?? new ListRequest()))
                .Where(task => request.Change == Contracts.Change.Cancel || task.State.IsFinal())
                .Where(task => request.Change != Contracts.Change.Retry || task.State != TaskState.Succeeded)
                .Select(task => task.Id)
                .ToList();
            var change = new ChangeRequest { Ids = { selected } };
            var reply = request.Change switch
            {
                Contracts.Change.Cancel => Apply(change, task => !task.State.IsFinal(), id => End(id, TaskState.Cancelled, EventKind.Cancelled, _ => { }, null)),
                Contracts.Change.Retry => Apply(change, task => task.State.IsFinal() && task.State != TaskState.Succeeded, Requeue),
                _ => Apply(change, task => task.State.IsFinal(), Remove),
            };
            var changed = reply.Results.Count(result => result.Outcome == ChangeOutcome.Changed);
            return Task.FromResult(new ChangeMatchingReply { Changed = changed, PassedOver = selected.Count - changed });
        }
    }

    public override Task<WorkerNode> ControlNode(ControlNodeRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            Controls.Add(request);
            var node = _nodes.SingleOrDefault(node => node.Id == request.NodeId)
                ?? throw new RpcException(new Status(StatusCode.NotFound, $"There is no worker node '{request.NodeId}'."));
            switch (request.ActionCase)
            {
                case ControlNodeRequest.ActionOneofCase.Drain:
                    node.Draining = true;
                    break;
                case ControlNodeRequest.ActionOneofCase.Resume:
                    node.Draining = false;
                    break;
                case ControlNodeRequest.ActionOneofCase.SlotsMax:
                    node.SlotsMax = request.SlotsMax;
                    node.Slots = Math.Min(node.Slots, request.SlotsMax);
                    break;
            }

            return Task.FromResult(node.Clone());
        }
    }

    private static Batch BatchOf(string id, List<TaskRecord> tasks)
    {
        var batch = new Batch
        {
            Id = id,
            Client = tasks[0].Spec.Client,
            SubmittedAt = tasks[0].SubmittedAt,
            Total = tasks.Count,
            DataPolicy = DataPolicy.Local,
        };
        foreach (var group in tasks.GroupBy(task => task.State))
        {
            batch.TasksByState[group.Key.ToWord()] = group.Count();
        }

        if (tasks.All(task => task.State.IsFinal()))
        {
            batch.FinishedAt = Timestamp.FromDateTimeOffset(tasks.Max(task => task.FinishedAt.ToDateTimeOffset()));
        }

        return batch;
    }

    private void Remove(string id)
    {
        var record = _tasks[id];
        Change(record, EventKind.Deleted, Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow));
        _tasks.Remove(id);
    }
}
