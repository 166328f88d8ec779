using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Dispatch;

/// <summary>One connected worker node: what it offers, what it holds, how much more it takes.</summary>
internal sealed class NodeSession
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HeldTask> _held = new(StringComparer.Ordinal);
    private readonly Hello _hello;
    private readonly DateTimeOffset _connectedAt;
    private NodeOffer _offer;
    private DateTimeOffset _lastHeartbeatAt;
    private TaskCompletionSource? _quiet;
    private int _leasing;
    private int _credit;
    private int _pumps;
    private long _succeeded;
    private long _failed;
    private volatile bool _draining;
    private volatile bool _closed;

    public NodeSession(Hello hello, LeasesAhead ahead, DateTimeOffset now)
    {
        _hello = hello;
        Ahead = ahead;
        Settings = NodeSettings.Of(hello);
        hello.Settings.Clear();
        _offer = hello.Offer ?? new NodeOffer();
        _connectedAt = now;
        _lastHeartbeatAt = now;
    }

    public string NodeId => _hello.NodeId;

    /// <summary>What the node runs with.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>The process behind the session: a reconnect comes from the same one.</summary>
    public (string Machine, int ProcessId) Process => (_hello.Machine, _hello.ProcessId);

    public Outbox Outbox { get; } = new();

    public LoadedModels Models { get; } = new();

    /// <summary>Tasks that are leased for the node and not given to it yet.</summary>
    public LeasesAhead Ahead { get; }

    /// <summary>The session has ended, and nothing is leased for it any more that its node has not seen.</summary>
    public Once Left { get; } = new();

    /// <summary>Completes when nobody leases tasks for the node.</summary>
    public Task Quiet
    {
        get
        {
            lock (_gate)
            {
                return _quiet?.Task ?? Task.CompletedTask;
            }
        }
    }

    /// <summary>Ends the session's stream.</summary>
    public CancellationTokenSource Ended { get; } = new();

    public NodeOffer Offer
    {
        get => Volatile.Read(ref _offer);
        set => Volatile.Write(ref _offer, value);
    }

    public bool Draining
    {
        get => _draining;
        set => _draining = value;
    }

    /// <summary>
    /// Tasks that the node takes now. Below zero while more is on its way than a shrinking pool has slots.
    /// </summary>
    public int Credit => _draining || _closed || Control.Draining ? 0 : Math.Min(Volatile.Read(ref _credit), RoomByLimit());

    /// <summary>What an operator wants of the node.</summary>
    public NodeControl Control { get; set; } = new();

    /// <summary>Whether the node should have spoken long ago; nothing is assigned to it until it does.</summary>
    public bool IsSilent(DateTimeOffset now, TimeSpan patience)
    {
        lock (_gate)
        {
            return now - _lastHeartbeatAt > patience;
        }
    }

    private int RoomByLimit()
    {
        var limit = Control.SlotsMax;
        if (limit == 0)
        {
            return int.MaxValue;
        }

        lock (_gate)
        {
            return limit - _held.Count;
        }
    }

    public void AddCredit(int slots) => Interlocked.Add(ref _credit, slots);

    public void Heard(DateTimeOffset now)
    {
        lock (_gate)
        {
            _lastHeartbeatAt = now;
        }
    }

    /// <summary>Somebody leases tasks for the node, until they are assigned or given back.</summary>
    public void BeginLeasing()
    {
        lock (_gate)
        {
            _leasing++;
            _quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void EndLeasing()
    {
        lock (_gate)
        {
            _leasing--;
            if (_leasing == 0)
            {
                _quiet?.SetResult();
                _quiet = null;
            }
        }
    }

    /// <summary>True for the one caller that is to hand out work; others only ask it for another round.</summary>
    public bool TryBeginPump() => Interlocked.Increment(ref _pumps) == 1;

    /// <summary>False when another round was asked for meanwhile.</summary>
    public bool TryEndPump()
    {
        if (Interlocked.CompareExchange(ref _pumps, 0, 1) == 1)
        {
            return true;
        }

        // All who asked until now are served by the round that follows.
        Volatile.Write(ref _pumps, 1);
        return false;
    }

    /// <summary>Gives work to the node. False when its stream has ended meanwhile: the tasks are not taken.</summary>
    public bool TryAssign(IReadOnlyList<LeasedTask> tasks, DateTimeOffset now)
    {
        Interlocked.Add(ref _credit, -tasks.Count);
        Ahead.Note(tasks.Count);
        var since = Timestamp.FromDateTimeOffset(now);
        lock (_gate)
        {
            if (_closed || Ended.IsCancellationRequested)
            {
                return false;
            }

            foreach (var task in tasks)
            {
                _held[task.Lease.TaskId] = new HeldTask(task.Lease, task.Attempt, task.Spec.Type, since);
            }
        }

        Outbox.Add(message =>
        {
            foreach (var task in tasks)
            {
                message.Assignments.Add(new Assignment
                {
                    TaskId = task.Lease.TaskId,
                    LeaseToken = task.Lease.Token,
                    Attempt = task.Attempt,
                    Spec = task.Spec,
                    Inputs = { task.Inputs },
                });
            }
        });
        return true;
    }

    /// <summary>Takes over a lease that the node carried over a reconnect.</summary>
    public void Keep(LeaseKey lease, int attempt, string type, DateTimeOffset now)
    {
        lock (_gate)
        {
            _held[lease.TaskId] = new HeldTask(lease, attempt, type, Timestamp.FromDateTimeOffset(now));
        }
    }

    /// <summary>The task is no longer the node's. False when it was not.</summary>
    public bool Release(LeaseKey lease)
    {
        lock (_gate)
        {
            return _held.TryGetValue(lease.TaskId, out var task) && task.Lease == lease && _held.Remove(lease.TaskId);
        }
    }

    /// <summary>Counts an ended attempt.</summary>
    public void Count(bool success) => Interlocked.Increment(ref success ? ref _succeeded : ref _failed);

    public HeldTask? Find(string taskId)
    {
        lock (_gate)
        {
            return _held.GetValueOrDefault(taskId);
        }
    }

    /// <summary>Takes all that the node holds; it holds nothing after, and takes nothing more.</summary>
    public IReadOnlyList<LeaseKey> ReleaseAll()
    {
        lock (_gate)
        {
            LeaseKey[] leases = [.. _held.Values.Select(task => task.Lease)];
            _held.Clear();
            _closed = true;
            return leases;
        }
    }

    public WorkerNode ToWorkerNode()
    {
        var offered = Offer;
        var node = new WorkerNode
        {
            Id = NodeId,
            Version = _hello.Version,
            Machine = _hello.Machine,
            ProcessId = _hello.ProcessId,
            Capabilities = { offered.Capabilities },
            Backends = { offered.Backends },
            OwnTypes = { offered.OwnTypes },
            Troubles = { offered.Troubles },
            Slots = offered.Slots,
            SlotsMax = Control.SlotsMax == 0 ? offered.SlotsMax : Math.Min(Control.SlotsMax, offered.SlotsMax),
            Draining = Draining || Control.Draining,
            ConnectedAt = Timestamp.FromDateTimeOffset(_connectedAt),
            TasksSucceeded = Interlocked.Read(ref _succeeded),
            TasksFailed = Interlocked.Read(ref _failed),
        };
        lock (_gate)
        {
            node.LastHeartbeatAt = Timestamp.FromDateTimeOffset(_lastHeartbeatAt);
            node.Running.AddRange(_held.Values.Select(task => task.ToRunningTask()));
        }

        return node;
    }
}
