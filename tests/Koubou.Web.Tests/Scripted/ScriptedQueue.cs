using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Web.Tests.Scripted;

/// <summary>
/// A scheduler whose every move a test decides: the contract in memory, without rules of its own. Calls are counted, so
/// that tests can see how little the dashboard asks.
/// </summary>
public sealed class ScriptedQueue : TaskQueue.TaskQueueBase
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskRecord> _tasks = new(StringComparer.Ordinal);
    private readonly List<TaskEvent> _log = [];
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly List<WorkerNode> _nodes = [];
    private int _ids;
    private TaskCompletionSource _changed = NewSignal();

    public WorkshopStatus Status { get; } = new() { Engine = "scripted", Version = "3.0.0" };

    public int CallsOf(string method)
    {
        lock (_gate)
        {
            return _calls.GetValueOrDefault(method);
        }
    }

    public WorkerNode AddNode(string id, int slots = 4, Action<WorkerNode>? shape = null)
    {
        var node = new WorkerNode { Id = id, Slots = slots, SlotsMax = 8, Version = "3.0.0", Machine = "forge" };
        shape?.Invoke(node);
        lock (_gate)
        {
            _nodes.Add(node);
        }

        return node;
    }

    public string Submit(string prompt, Action<TaskSpec>? shape = null, DateTimeOffset? at = null)
    {
        var spec = new TaskSpec { Type = "general", Prompt = prompt, Priority = 5 };
        shape?.Invoke(spec);
        var time = Timestamp.FromDateTimeOffset(at ?? DateTimeOffset.UtcNow);
        var record = new TaskRecord
        {
            Id = NextId(time.ToDateTimeOffset()),
            Spec = spec,
            State = TaskState.Queued,
            SubmittedAt = time,
            AttemptsMax = 3,
        };
        Change(record, EventKind.Submitted, time);
        return record.Id;
    }

    public void Start(string id, string node, int slot, string model = "gemma2:2b", DateTimeOffset? at = null)
    {
        var time = Timestamp.FromDateTimeOffset(at ?? DateTimeOffset.UtcNow);
        lock (_gate)
        {
            var record = _tasks[id];
            record.State = TaskState.Running;
            record.StartedAt ??= time;
            record.AttemptsUsed++;
            record.Attempts.Add(new Attempt
            {
                Number = record.AttemptsUsed,
                Node = node,
                Slot = slot,
                Model = model,
                Backend = "ollama",
                LeasedAt = time,
            });
            _nodes.Single(candidate => candidate.Id == node).Running.Add(new RunningTask
            {
                TaskId = id,
                Type = record.Spec.Type,
                Slot = slot,
                Attempt = record.AttemptsUsed,
                Since = time,
            });
            Change(record, EventKind.Started, time);
        }
    }

    public void Finish(string id, string output = "Done.", DateTimeOffset? at = null) =>
        End(id, TaskState.Succeeded, EventKind.Succeeded, record => record.Output = output, at);

    public void Fail(string id, string message, DateTimeOffset? at = null) =>
        End(id, TaskState.Failed, EventKind.Failed, record => record.Error = new TaskError { Message = message }, at);

    public override Task<ListReply> List(ListRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            Count(nameof(List));
            var matches = _tasks.Values
                .Where(task => request.States.Count == 0 || request.States.Contains(task.State))
                .OrderByDescending(task => task.Id, StringComparer.Ordinal)
                .ToList();
            var reply = new ListReply { Total = matches.Count };
            reply.Tasks.AddRange(matches.Take(request.PageSize).Select(task => task.Clone()));
            return Task.FromResult(reply);
        }
    }

    public override Task<WorkshopStatus> GetStatus(StatusRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            Count(nameof(GetStatus));
            var status = Status.Clone();
            foreach (var group in _tasks.Values.GroupBy(task => task.State))
            {
                status.TasksByState[group.Key.ToWord()] = group.Count();
            }

            status.Nodes = _nodes.Count;
            status.Slots = _nodes.Sum(node => node.Slots);
            status.SlotsBusy = _nodes.Sum(node => node.Running.Count);
            status.LastSequence = _log.Count;
            return Task.FromResult(status);
        }
    }

    public override Task<ListWorkersReply> ListWorkers(ListWorkersRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            Count(nameof(ListWorkers));
            return Task.FromResult(new ListWorkersReply { Nodes = { _nodes.Select(node => node.Clone()) } });
        }
    }

    public override async Task WatchEvents(
        WatchEventsRequest request, IServerStreamWriter<EventBatch> responseStream, ServerCallContext context)
    {
        int next;
        lock (_gate)
        {
            Count(nameof(WatchEvents));
            next = request.FromSequence == 0 ? _log.Count : (int)Math.Min(request.FromSequence - 1, _log.Count);
        }

        await responseStream.WriteAsync(new EventBatch { LastSequence = next });
        while (!context.CancellationToken.IsCancellationRequested)
        {
            Task changed;
            var batch = new EventBatch();
            lock (_gate)
            {
                changed = _changed.Task;
                batch.Events.AddRange(_log.Skip(next));
                next = _log.Count;
                batch.LastSequence = next;
            }

            if (batch.Events.Count > 0)
            {
                await responseStream.WriteAsync(batch);
            }

            await changed.WaitAsync(context.CancellationToken);
        }
    }

    // A UUIDv7 whose random part counts, so that tasks of the same millisecond sort in the order of their submission.
    private string NextId(DateTimeOffset at)
    {
        var count = Interlocked.Increment(ref _ids);
        return Guid.ParseExact($"{at.ToUnixTimeMilliseconds():x12}7{count & 0xfff:x3}8{count:x15}", "N").ToString();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void End(string id, TaskState state, EventKind kind, Action<TaskRecord> shape, DateTimeOffset? at)
    {
        var time = Timestamp.FromDateTimeOffset(at ?? DateTimeOffset.UtcNow);
        lock (_gate)
        {
            var record = _tasks[id];
            record.State = state;
            record.FinishedAt = time;
            shape(record);
            foreach (var node in _nodes)
            {
                foreach (var work in node.Running.Where(work => work.TaskId == id).ToList())
                {
                    node.Running.Remove(work);
                }
            }

            Change(record, kind, time);
        }
    }

    private void Change(TaskRecord record, EventKind kind, Timestamp at)
    {
        lock (_gate)
        {
            var attempt = record.Attempts.LastOrDefault();
            record.LastEvent = _log.Count + 1;
            _tasks[record.Id] = record;
            _log.Add(new TaskEvent
            {
                Sequence = record.LastEvent,
                At = at,
                Kind = kind,
                TaskId = record.Id,
                Type = record.Spec.Type,
                State = record.State,
                Priority = record.Spec.Priority,
                Attempt = attempt?.Number ?? 0,
                Node = attempt?.Node ?? "",
                Backend = attempt?.Backend ?? "",
                Model = attempt?.Model ?? "",
                Error = record.Error,
            });
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    private void Count(string method) => _calls[method] = _calls.GetValueOrDefault(method) + 1;
}
