using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Web.Tests.Scripted;

/// <summary>
/// A scheduler whose every move a test decides: the contract in memory, without rules of its own. Calls are counted, so
/// that tests can see how little the dashboard asks.
/// </summary>
public sealed partial class ScriptedQueue : TaskQueue.TaskQueueBase
{
    private static readonly Dictionary<TaskState, AttemptOutcome> AttemptOutcomes = new()
    {
        [TaskState.Succeeded] = AttemptOutcome.Succeeded,
        [TaskState.Failed] = AttemptOutcome.Failed,
        [TaskState.Cancelled] = AttemptOutcome.Cancelled,
    };

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, TaskRecord> _tasks = new(StringComparer.Ordinal);
    private readonly List<TaskEvent> _log = [];
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly List<WorkerNode> _nodes = [];
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private int _ids;
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource _called = NewSignal();

    /// <summary>What answers about the status wait for. Default: nothing.</summary>
    public Task StatusGate { get; set; } = Task.CompletedTask;

    public WorkshopStatus Status { get; } = new() { Engine = "scripted", Version = "3.0.0" };

    /// <summary>Field and fault; what the next submits are refused with.</summary>
    public Dictionary<string, string> SubmitFaults { get; } = new(StringComparer.Ordinal);

    /// <summary>Whose rights came with the last submit.</summary>
    public Caller? LastCaller { get; private set; }

    public TaskRecord Find(string id)
    {
        lock (_gate)
        {
            return Known(id).Clone();
        }
    }

    public int CallsOf(string method)
    {
        lock (_gate)
        {
            return _calls.GetValueOrDefault(method);
        }
    }

    /// <summary>Waits until a method was called so often.</summary>
    public async Task CalledAsync(string method, int times)
    {
        while (true)
        {
            Task called;
            lock (_gate)
            {
                if (_calls.GetValueOrDefault(method) >= times)
                {
                    return;
                }

                called = _called.Task;
            }

            await called;
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

    /// <summary>Forgets tasks, nodes and status; the log goes on, and tells that something was deleted.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            var gone = _tasks.Values.Where(task => task.LastEvent > 0).DefaultIfEmpty(new TaskRecord { Id = NextId(DateTimeOffset.UtcNow) });
            foreach (var id in gone.Select(task => task.Id).ToList())
            {
                _log.Add(new TaskEvent { Sequence = _log.Count + 1, Kind = EventKind.Deleted, TaskId = id });
            }

            _tasks.Clear();
            _nodes.Clear();
            _written.Clear();
            Status.Simulated = false;
            Status.Warnings.Clear();
            Findings.Clear();
            Minutes.Clear();
            Wake();
        }
    }

    /// <summary>Many finished tasks that are simply there, the last one the newest: no event tells of them.</summary>
    public void Stock(int count)
    {
        var first = DateTimeOffset.UtcNow.AddDays(-1);
        lock (_gate)
        {
            for (var number = 1; number <= count; number++)
            {
                var at = first.AddMilliseconds(number);
                var id = NextId(at);
                _tasks[id] = new TaskRecord
                {
                    Id = id,
                    Spec = new TaskSpec { Type = "general", Prompt = $"Task {number}", Priority = 5 },
                    State = TaskState.Succeeded,
                    SubmittedAt = Timestamp.FromDateTimeOffset(at),
                };
            }
        }
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
                Outcome = AttemptOutcome.Running,
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

    /// <summary>Changes a record in silence, as a store would read it.</summary>
    public void Shape(string id, Action<TaskRecord> shape)
    {
        lock (_gate)
        {
            shape(Known(id));
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
            var all = _tasks.Values.Where(task => Matches(task, request)).ToList();
            if (!request.OldestFirst)
            {
                all.Reverse();
            }

            var from = request.PageToken.Length == 0 ? (int)request.Skip : int.Parse(request.PageToken, CultureInfo.InvariantCulture);
            var reply = new ListReply { Total = Math.Min(all.Count, request.TotalMax == 0 ? 10_001 : request.TotalMax) };
            reply.Tasks.AddRange(all.Skip(from).Take(request.PageSize).Select(task => task.Clone()));
            reply.NextPageToken = from + request.PageSize < all.Count ? $"{from + request.PageSize}" : "";
            return Task.FromResult(reply);
        }
    }

    public override Task<TaskRecord> Get(GetRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            Count(nameof(Get));
            return Task.FromResult(Known(request.Id).Clone());
        }
    }

    public override Task<ListTaskTypesReply> ListTaskTypes(ListTaskTypesRequest request, ServerCallContext context) =>
        Task.FromResult(new ListTaskTypesReply
        {
            Types_ =
            {
                new TaskType { Name = "general", Description = "Questions and texts." },
                new TaskType { Name = "code", Description = "Programs and their tests." },
            },
        });

    /// <summary>Refuses what <see cref="SubmitFaults"/> names, else takes the tasks.</summary>
    public override Task<SubmitReply> Submit(SubmitRequest request, ServerCallContext context)
    {
        if (SubmitFaults.Count > 0)
        {
            var details = new Google.Rpc.BadRequest();
            details.FieldViolations.AddRange(SubmitFaults.Select(fault => new Google.Rpc.BadRequest.Types.FieldViolation
            {
                Field = fault.Key, Description = fault.Value,
            }));
            throw new Google.Rpc.Status
            {
                Code = (int)Google.Rpc.Code.InvalidArgument, Message = "Faults.", Details = { Any.Pack(details) },
            }.ToRpcException();
        }

        LastCaller = request.Caller;
        return Task.FromResult(new SubmitReply
        {
            Receipts =
            {
                request.Tasks.Select(task => new TaskReceipt
                {
                    Id = Submit(task.Prompt, spec => spec.MergeFrom(task)), State = TaskState.Queued,
                }),
            },
        });
    }

    public override Task<ChangeReply> Cancel(ChangeRequest request, ServerCallContext context) => Task.FromResult(
        Apply(request, task => !task.State.IsFinal(), id => End(id, TaskState.Cancelled, EventKind.Cancelled, _ => { }, null)));

    public override Task<ChangeReply> Retry(ChangeRequest request, ServerCallContext context) => Task.FromResult(
        Apply(request, task => task.State.IsFinal() && task.State != TaskState.Succeeded, Requeue));

    /// <summary>Writes a piece of the running attempt's output.</summary>
    public void Write(string id, string text)
    {
        lock (_gate)
        {
            _written[id] = _written.GetValueOrDefault(id, "") + text;
            Wake();
        }
    }

    public override async Task WatchOutput(
        WatchOutputRequest request, IServerStreamWriter<OutputUpdate> responseStream, ServerCallContext context)
    {
        var sent = 0;
        while (true)
        {
            Task changed;
            string text;
            TaskRecord record;
            lock (_gate)
            {
                changed = _changed.Task;
                record = Known(request.Id).Clone();
                text = record.State.IsFinal() ? record.Output : _written.GetValueOrDefault(request.Id, "");
            }

            if (text.Length > sent)
            {
                await responseStream.WriteAsync(new OutputUpdate { Chunk = new OutputChunk { Offset = sent, Text = text[sent..] } });
                sent = text.Length;
            }

            if (record.State.IsFinal())
            {
                record.Output = "";
                await responseStream.WriteAsync(new OutputUpdate { Final = record });
                return;
            }

            await changed.WaitAsync(context.CancellationToken);
        }
    }

    public override async Task<WorkshopStatus> GetStatus(StatusRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            Count(nameof(GetStatus));
        }

        await StatusGate;
        lock (_gate)
        {
            var status = Status.Clone();
            foreach (var group in _tasks.Values.GroupBy(task => task.State))
            {
                status.TasksByState[group.Key.ToWord()] = group.Count();
            }

            status.Waiting.AddRange(_tasks.Values
                .Where(task => task.State is TaskState.Blocked or TaskState.Scheduled or TaskState.Queued)
                .GroupBy(task => (task.Spec.Type, task.Spec.Priority))
                .Select(group => new WaitingCount { Type = group.Key.Type, Priority = group.Key.Priority, Count = group.Count() }));
            status.Nodes = _nodes.Count;
            status.Slots = _nodes.Sum(node => node.Slots);
            status.SlotsBusy = _nodes.Sum(node => node.Running.Count);
            status.LastSequence = _log.Count;
            return status;
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
                batch.Events.AddRange(_log.Skip(next)
                    .Where(change => request.TaskIds.Count == 0 || request.TaskIds.Contains(change.TaskId)));
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
            if (record.Attempts.LastOrDefault() is { FinishedAt: null } attempt)
            {
                attempt.FinishedAt = time;
                attempt.Outcome = AttemptOutcomes[state];
            }

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
            Wake();
        }
    }

    private void Wake()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private TaskRecord Known(string id) => _tasks.GetValueOrDefault(id)
        ?? throw new RpcException(new Status(StatusCode.NotFound, $"There is no task with the id '{id}'."));

    private ChangeReply Apply(ChangeRequest request, Func<TaskRecord, bool> may, Action<string> change)
    {
        lock (_gate)
        {
            var reply = new ChangeReply();
            foreach (var id in request.Ids)
            {
                var isAllowed = may(Known(id));
                if (isAllowed)
                {
                    change(id);
                }

                reply.Results.Add(new ChangeResult
                {
                    Id = id,
                    Outcome = isAllowed ? ChangeOutcome.Changed : ChangeOutcome.WrongState,
                    State = _tasks.GetValueOrDefault(id)?.State ?? TaskState.Unspecified,
                });
            }

            return reply;
        }
    }

    private void Requeue(string id)
    {
        var record = _tasks[id];
        record.State = TaskState.Queued;
        record.FinishedAt = null;
        record.Error = null;
        record.Output = "";
        _written.Remove(id);
        Change(record, EventKind.Requeued, Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow));
    }

    private static bool Matches(TaskRecord task, ListRequest request) =>
        (request.States.Count == 0 || request.States.Contains(task.State))
        && (request.Types_.Count == 0 || request.Types_.Contains(task.Spec.Type))
        && (request.Client.Length == 0 || request.Client == task.Spec.Client)
        && (request.BatchId.Length == 0 || request.BatchId == task.Spec.BatchId)
        && (request.FinishedBefore is null || task.FinishedAt?.ToDateTimeOffset() < request.FinishedBefore.ToDateTimeOffset())
        && (request.Node.Length == 0 || request.Node == task.Attempts.LastOrDefault()?.Node)
        && request.Labels.All(label => task.Spec.Labels.TryGetValue(label.Key, out var value) && value == label.Value)
        && task.Spec.Prompt.Contains(request.Text, StringComparison.OrdinalIgnoreCase);

    private void Count(string method)
    {
        _calls[method] = _calls.GetValueOrDefault(method) + 1;
        _called.SetResult();
        _called = NewSignal();
    }
}
