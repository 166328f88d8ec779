using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>
/// A worker node as the protocol wants it: keeps reports until they are acknowledged, brings its leases over a reconnect,
/// renews them, and may crash, freeze or lose its stream at any moment.
/// </summary>
internal sealed class SimulatedNode(World world, string id, int slots)
{
    private readonly Dictionary<string, Assignment> _held = [];
    private readonly Dictionary<ulong, TaskReport> _unacknowledged = [];
    private SimulatedLink? _link;
    private int _life;
    private int _processId = 1;
    private DateTimeOffset _frozenUntil;

    public string Id => id;

    public bool IsCrashed { get; private set; }

    /// <summary>How long every task takes. Null: mostly seconds, some longer than a lease.</summary>
    public TimeSpan? TaskTime { get; set; }

    /// <summary>Its backend has room for one model.</summary>
    public bool SwapsModels { get; set; }

    /// <summary>The tasks that it works on now.</summary>
    public IReadOnlyCollection<string> Working => _held.Keys;

    /// <summary>How many tasks it was ever given.</summary>
    public int Assigned { get; private set; }

    /// <summary>How often it opened a stream.</summary>
    public int Connections { get; private set; }

    public void Connect()
    {
        if (IsCrashed || world.Scheduler is null)
        {
            world.After(world.Between(1, 3), Guarded(Connect));
            return;
        }

        Connections++;
        var mine = new SimulatedLink(world);
        _link = mine;
        mine.Heard = message => WhenAwake(() => Hear(mine, message));
        var hello = new Hello
        {
            NodeId = id,
            Machine = "simulated",
            ProcessId = _processId,
            Offer = new NodeOffer
            {
                Capabilities = { "*" },
                Backends = { new Backend { Name = "sim", Zone = Zone.Local, Healthy = true, SwapsModels = SwapsModels } },
                Slots = slots,
                SlotsMax = slots,
            },
            Held = { _held.Values.Select(ToHeld) },
        };
        mine.FromNode(new NodeMessage { Hello = hello, Reports = { _unacknowledged.Values }, Credit = slots - _held.Count });
        world.Scheduler.Accept(mine, () => OnEnded(mine));
        Beat(mine);
    }

    /// <summary>The process dies with all it knows; another one comes later.</summary>
    public void Crash()
    {
        if (IsCrashed)
        {
            return;
        }

        IsCrashed = true;
        _life++;
        _processId++;
        var dead = _link;
        dead?.Cut();
        _held.Clear();
        _unacknowledged.Clear();
        world.After(world.Between(0, 5), () => dead?.Break());
        world.After(world.Between(1, 20), () =>
        {
            IsCrashed = false;
            Connect();
        });
    }

    /// <summary>The stream is gone; the node and the scheduler each notice in their own time.</summary>
    public void LoseStream() => LoseStream(world.Between(0, 60));

    /// <summary>The same, and the scheduler notices after so long.</summary>
    public void LoseStream(TimeSpan noticed)
    {
        var lost = _link;
        if (IsCrashed || lost is null || lost.IsCut)
        {
            return;
        }

        lost.Cut();
        world.After(noticed, lost.Break);
        ConnectAnew(lost);
    }

    /// <summary>
    /// It gives its stream up, but what it said there is still on the way, and may arrive after its first words on the
    /// new one.
    /// </summary>
    public void TakeNewStream()
    {
        var old = _link;
        if (IsCrashed || old is null || old.IsCut)
        {
            return;
        }

        old.Heard = _ => { };
        world.After(world.Between(0, 30), old.Break);
        ConnectAnew(old);
    }

    /// <summary>The process ends for good, and the scheduler sees its stream break at once.</summary>
    public void Die()
    {
        IsCrashed = true;
        _life++;
        _held.Clear();
        _link?.Break();
    }

    /// <summary>Nothing moves for a while, as under SIGSTOP.</summary>
    public void Freeze() => Freeze(world.Between(1, 90));

    /// <summary>The same for so long.</summary>
    public void Freeze(TimeSpan time) => _frozenUntil = world.Now + time;

    /// <summary>The stream's other end died; the node notices in its own time.</summary>
    public void OnSchedulerGone()
    {
        if (!IsCrashed && _link is not null)
        {
            ConnectAnew(_link);
        }
    }

    private void ConnectAnew(SimulatedLink lost) => world.After(world.Between(0, 10), Guarded(() =>
    {
        if (_link == lost)
        {
            Connect();
        }
    }));

    // By the scheduler: it refused the node, or gave the stream up.
    private void OnEnded(SimulatedLink ended)
    {
        if (_link == ended)
        {
            ended.Cut();
            ConnectAnew(ended);
        }
    }

    private void Beat(SimulatedLink mine) => world.After(TimeSpan.FromSeconds(10), Guarded(() =>
    {
        if (_link == mine && !mine.IsCut)
        {
            WhenAwake(() => mine.FromNode(new NodeMessage { Heartbeat = new Heartbeat { Held = { _held.Values.Select(ToHeld) } } }));
            Beat(mine);
        }
    }));

    private void Hear(SimulatedLink from, SchedulerMessage message)
    {
        if (from != _link)
        {
            return;
        }

        if (message.Welcome is { } welcome)
        {
            var kept = welcome.Kept.Select(lease => lease.LeaseToken).ToHashSet();
            Drop(_held.Values.Where(task => !kept.Contains(task.LeaseToken)).ToList());
        }

        foreach (var ack in message.Acks)
        {
            if (_unacknowledged.Remove(ack.LeaseToken, out var report))
            {
                world.Ledger.OnAcknowledged(report, ack.Outcome);
            }
        }

        Drop(_held.Values.Where(task => message.End.Any(end => end.LeaseToken == task.LeaseToken)).ToList());
        foreach (var assignment in message.Assignments)
        {
            _held[assignment.TaskId] = assignment;
            Assigned++;
            world.Ledger.OnAssigned(id, assignment, _held.Count, slots);
            world.After(TaskTime ?? world.Between(0, world.Chance(0.1) ? 100 : 5), Guarded(() => WhenAwake(() => Finish(assignment))));
        }
    }

    private void Drop(List<Assignment> tasks)
    {
        foreach (var task in tasks)
        {
            _held.Remove(task.TaskId);
        }

        if (tasks.Count > 0)
        {
            _link?.FromNode(new NodeMessage { Credit = tasks.Count });
        }
    }

    private void Finish(Assignment task)
    {
        if (!_held.TryGetValue(task.TaskId, out var present) || present.LeaseToken != task.LeaseToken)
        {
            return;
        }

        _held.Remove(task.TaskId);
        var report = new TaskReport { TaskId = task.TaskId, LeaseToken = task.LeaseToken };
        var signature = Ledger.Sign(task.TaskId, task.Attempt, id);
        if (TaskTime is not null || world.Chance(0.7))
        {
            report.Completed = new Completed { Output = signature, Facts = new AttemptFacts() };
        }
        else if (world.Chance(0.5))
        {
            report.GivenBack = new GivenBack { Reason = new TaskError { Code = "drain", Message = signature } };
        }
        else
        {
            var kind = world.Chance(0.2) ? FailureKind.Permanent : FailureKind.Transient;
            report.Failed = new Failed { Error = new TaskError { Code = "broken", Message = signature, Kind = kind } };
        }

        _unacknowledged.Add(task.LeaseToken, report);
        _link?.FromNode(new NodeMessage { Reports = { report }, Credit = 1 });
        if (world.Chance(0.1))
        {
            // A node that is not sure says it again.
            _link?.FromNode(new NodeMessage { Reports = { report } });
        }
    }

    private void WhenAwake(Action action)
    {
        if (_frozenUntil > world.Now)
        {
            world.At(_frozenUntil, Guarded(() => WhenAwake(action)));
        }
        else
        {
            action();
        }
    }

    // What a process planned dies with it.
    private Action Guarded(Action action)
    {
        var planned = _life;
        return () =>
        {
            if (planned == _life)
            {
                action();
            }
        };
    }

    private static HeldLease ToHeld(Assignment task) => new() { TaskId = task.TaskId, LeaseToken = task.LeaseToken };
}
