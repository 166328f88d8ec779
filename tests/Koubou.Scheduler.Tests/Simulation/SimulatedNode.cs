using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>
/// A worker node as the protocol wants it: keeps reports until they are acknowledged, brings its leases over a reconnect,
/// renews them, and may crash, freeze or lose its stream at any moment.
/// </summary>
internal sealed class SimulatedNode(World world, string id, int slots)
{
    private readonly Dictionary<string, Assignment> held = [];
    private readonly Dictionary<ulong, TaskReport> unacknowledged = [];
    private SimulatedLink? link;
    private int life;
    private int processId = 1;
    private DateTimeOffset frozenUntil;

    public string Id => id;

    public bool IsCrashed { get; private set; }

    public void Connect()
    {
        if (IsCrashed || world.Scheduler is null)
        {
            world.After(world.Between(1, 3), Guarded(Connect));
            return;
        }

        var mine = new SimulatedLink(world);
        link = mine;
        mine.Heard = message => WhenAwake(() => Hear(mine, message));
        var hello = new Hello
        {
            NodeId = id,
            Machine = "simulated",
            ProcessId = processId,
            Offer = new NodeOffer
            {
                Capabilities = { "*" },
                Backends = { new Backend { Name = "sim", Zone = Zone.Local, Healthy = true } },
                Slots = slots,
                SlotsMax = slots,
            },
            Held = { held.Values.Select(ToHeld) },
        };
        mine.FromNode(new NodeMessage { Hello = hello, Reports = { unacknowledged.Values }, Credit = slots - held.Count });
        world.Scheduler.Accept(mine, () => OnRefused(mine));
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
        life++;
        processId++;
        var dead = link;
        dead?.Cut();
        held.Clear();
        unacknowledged.Clear();
        world.After(world.Between(0, 5), () => dead?.Break());
        world.After(world.Between(1, 20), () =>
        {
            IsCrashed = false;
            Connect();
        });
    }

    /// <summary>The stream is gone; the node and the scheduler each notice in their own time.</summary>
    public void LoseStream()
    {
        var lost = link;
        if (IsCrashed || lost is null || lost.IsCut)
        {
            return;
        }

        lost.Cut();
        world.After(world.Between(0, 60), lost.Break);
        ConnectAnew(lost);
    }

    /// <summary>Nothing moves for a while, as under SIGSTOP.</summary>
    public void Freeze() => frozenUntil = world.Now + world.Between(1, 90);

    /// <summary>The stream's other end died; the node notices in its own time.</summary>
    public void OnSchedulerGone()
    {
        if (!IsCrashed && link is not null)
        {
            ConnectAnew(link);
        }
    }

    private void ConnectAnew(SimulatedLink lost) => world.After(world.Between(0, 10), Guarded(() =>
    {
        if (link == lost)
        {
            Connect();
        }
    }));

    private void OnRefused(SimulatedLink refused)
    {
        if (link == refused)
        {
            refused.Cut();
            ConnectAnew(refused);
        }
    }

    private void Beat(SimulatedLink mine) => world.After(TimeSpan.FromSeconds(10), Guarded(() =>
    {
        if (link == mine && !mine.IsCut)
        {
            WhenAwake(() => mine.FromNode(new NodeMessage { Heartbeat = new Heartbeat { Held = { held.Values.Select(ToHeld) } } }));
            Beat(mine);
        }
    }));

    private void Hear(SimulatedLink from, SchedulerMessage message)
    {
        if (from != link)
        {
            return;
        }

        if (message.Welcome is { } welcome)
        {
            var kept = welcome.Kept.Select(lease => lease.LeaseToken).ToHashSet();
            Drop(held.Values.Where(task => !kept.Contains(task.LeaseToken)).ToList());
        }

        foreach (var ack in message.Acks)
        {
            if (unacknowledged.Remove(ack.LeaseToken, out var report))
            {
                world.Ledger.OnAcknowledged(report, ack.Outcome);
            }
        }

        Drop(held.Values.Where(task => message.End.Any(end => end.LeaseToken == task.LeaseToken)).ToList());
        foreach (var assignment in message.Assignments)
        {
            held[assignment.TaskId] = assignment;
            world.Ledger.OnAssigned(id, assignment, held.Count, slots);
            world.After(world.Between(0, world.Chance(0.1) ? 100 : 5), Guarded(() => WhenAwake(() => Finish(assignment))));
        }
    }

    private void Drop(List<Assignment> tasks)
    {
        foreach (var task in tasks)
        {
            held.Remove(task.TaskId);
        }

        if (tasks.Count > 0)
        {
            link?.FromNode(new NodeMessage { Credit = tasks.Count });
        }
    }

    private void Finish(Assignment task)
    {
        if (!held.TryGetValue(task.TaskId, out var present) || present.LeaseToken != task.LeaseToken)
        {
            return;
        }

        held.Remove(task.TaskId);
        var report = new TaskReport { TaskId = task.TaskId, LeaseToken = task.LeaseToken };
        if (world.Chance(0.7))
        {
            report.Completed = new Completed { Output = World.OutputOf(task), Facts = new AttemptFacts() };
        }
        else if (world.Chance(0.5))
        {
            report.GivenBack = new GivenBack { Reason = new TaskError { Code = "drain" } };
        }
        else
        {
            var kind = world.Chance(0.2) ? FailureKind.Permanent : FailureKind.Transient;
            report.Failed = new Failed { Error = new TaskError { Code = "broken", Kind = kind } };
        }

        unacknowledged.Add(task.LeaseToken, report);
        link?.FromNode(new NodeMessage { Reports = { report }, Credit = 1 });
        if (world.Chance(0.1))
        {
            // A node that is not sure says it again.
            link?.FromNode(new NodeMessage { Reports = { report } });
        }
    }

    private void WhenAwake(Action action)
    {
        if (frozenUntil > world.Now)
        {
            world.At(frozenUntil, Guarded(() => WhenAwake(action)));
        }
        else
        {
            action();
        }
    }

    // What a process planned dies with it.
    private Action Guarded(Action action)
    {
        var planned = life;
        return () =>
        {
            if (planned == life)
            {
                action();
            }
        };
    }

    private static HeldLease ToHeld(Assignment task) => new() { TaskId = task.TaskId, LeaseToken = task.LeaseToken };
}
