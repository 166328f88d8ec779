using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Maintenance;
using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>
/// A workshop under virtual time: one thread, one clock, and a seed that decides what happens next, what is lost on the
/// way and who dies when.
/// </summary>
internal sealed class World : IDisposable
{
    private const int Nodes = 3;
    private const int Troubles = 12;
    private const int Tasks = 25;
    private static readonly TimeSpan TroubleLasts = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PeaceMax = TimeSpan.FromHours(4);

    private readonly PriorityQueue<Action, (DateTimeOffset, long)> _agenda = new();
    private readonly Random _random;
    private readonly string _home;
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<string> _submitted = [];
    private readonly SynchronizationContext? _outer = SynchronizationContext.Current;

    // Some days all is equally urgent, so that clients compete; some days the clock is put right now and then.
    private readonly bool _allAlike;
    private readonly bool _clockSteps;
    private long _planned;

    // Submits that are neither answered nor given up.
    private int _submitting;

    public World(int seed, string folder)
    {
        Seed = seed;
        _random = new Random(seed);
        _home = Directory.CreateDirectory(Path.Combine(folder, $"seed-{seed}")).FullName;
        Clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Threads = new SingleThread(_random);
        _allAlike = Chance(0.3);
        _clockSteps = Chance(0.2);
        LeasesAhead = Chance(0.5) ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
        SynchronizationContext.SetSynchronizationContext(Threads);
    }

    public int Seed { get; }

    public FakeTimeProvider Clock { get; }

    public SingleThread Threads { get; }

    public Ledger Ledger { get; } = new();

    public SimulatedScheduler? Scheduler { get; private set; }

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>A task as most are.</summary>
    public static TaskSpec PlainSpec() => new()
    {
        Type = "general",
        Prompt = "x",
        Priority = 5,
        AttemptsMax = 3,
        Client = "one",
        DataPolicy = DataPolicy.Local,
    };

    /// <summary>
    /// A day of trouble, the peace after it, and the comparison of what was promised with what is on record. Returns the
    /// log of the day.
    /// </summary>
    public IReadOnlyList<TaskEvent> Run()
    {
        Open();
        for (var index = 0; index < Nodes; index++)
        {
            var node = AddNode(slots: 1 + _random.Next(3));
            After(Between(0, 5), node.Connect);
        }

        for (var index = 0; index < Tasks; index++)
        {
            After(Between(0, 60), () => Submit(AnySpec()));
        }

        for (var index = 0; index < Troubles; index++)
        {
            After(Between(5, TroubleLasts.TotalSeconds), Trouble);
        }

        RunFor(TroubleLasts);
        RunUntil(IsDone, PeaceMax);
        return Check();
    }

    /// <summary>Starts the scheduler, its maintenance and its disk.</summary>
    public void Open()
    {
        StartScheduler();
        Every(new MaintenanceOptions().Interval, Sweep);
        Commit();
    }

    /// <summary>A node that is not connected yet.</summary>
    public SimulatedNode AddNode(int slots)
    {
        var node = new SimulatedNode(this, $"node-{_nodes.Count}", slots);
        _nodes.Add(node);
        return node;
    }

    public void RunFor(TimeSpan time)
    {
        var end = Now + time;
        while (Now < end)
        {
            Step();
        }
    }

    /// <summary>Goes on until something is so. Returns the time that it took, or null when it did not come in time.</summary>
    public TimeSpan? RunUntil(Func<bool> isSo, TimeSpan most)
    {
        var start = Now;
        while (!isSo())
        {
            if (Now - start > most)
            {
                return null;
            }

            Step();
        }

        return Now - start;
    }

    public TimeSpan Between(double seconds, double most) => TimeSpan.FromSeconds(seconds + (_random.NextDouble() * (most - seconds)));

    public bool Chance(double share) => _random.NextDouble() < share;

    /// <summary>For how long ahead tasks are leased for a fast node. Some days not at all.</summary>
    public TimeSpan LeasesAhead { get; set; }

    /// <summary>Between the scheduler and its store stands a <see cref="TroubledStore"/>. Default: nothing.</summary>
    public bool HasTroubledStore { get; set; }

    /// <summary>The network never hesitates. Default: it does.</summary>
    public bool IsCalm { get; set; }

    /// <summary>Mostly a millisecond, now and then seconds.</summary>
    public TimeSpan Delay() => !IsCalm && Chance(0.02) ? Between(0, 3) : Between(0.0005, 0.002);

    /// <summary>After a delay, and not before what came earlier.</summary>
    public DateTimeOffset Later(DateTimeOffset earlier, TimeSpan delay) => Now + delay > earlier ? Now + delay : earlier.AddTicks(1);

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    public void At(DateTimeOffset moment, Action action) => _agenda.Enqueue(action, (moment, _planned++));

    public void Dispose()
    {
        Scheduler?.Crash();
        SynchronizationContext.SetSynchronizationContext(_outer);
        Directory.Delete(_home, recursive: true);
    }

    private void Step()
    {
        _agenda.TryDequeue(out var action, out var moment);
        if (moment.Item1 > Now)
        {
            Clock.SetUtcNow(moment.Item1);
            Threads.Drain();
        }

        action!();
        Threads.Drain();
    }

    private void Every(TimeSpan pause, Action action) => After(pause, () =>
    {
        action();
        Every(pause, action);
    });

    private void StartScheduler()
    {
        Scheduler = SimulatedScheduler.Start(this, _home, _random);
        foreach (var node in _nodes)
        {
            node.OnSchedulerGone();
        }
    }

    // The disk takes its time, so that much is decided and not yet written when something dies.
    private void Commit() => After(Between(0.001, 0.06), () =>
    {
        Scheduler?.Store.CommitOnce();
        Commit();
    });

    private void Sweep()
    {
        if (Scheduler?.Store is { } store)
        {
            _ = store.ReleaseDueAsync(100, CancellationToken.None);
            _ = store.ReapLeasesAsync(100, CancellationToken.None);
            _ = store.ExpireAsync(100, CancellationToken.None);
        }
    }

    /// <summary>How many tasks are in a state.</summary>
    public long Count(TaskState state) => Scheduler!.Store.CountAsync(CancellationToken.None).Result[state];

    /// <summary>
    /// A calm world with tasks that wait and are leased so far ahead for a fast node, and a node of one slot that is not connected
    /// yet.
    /// </summary>
    public SimulatedNode OpenWithBacklog(int tasks, TimeSpan ahead, TimeSpan taskTime)
    {
        IsCalm = true;
        LeasesAhead = ahead;
        Open();
        for (var number = 0; number < tasks; number++)
        {
            Submit(PlainSpec());
        }

        RunFor(ahead);
        var node = AddNode(slots: 1);
        node.TaskTime = taskTime;
        return node;
    }

    /// <summary>A client submits, and tries again later while there is no scheduler.</summary>
    public void Submit(TaskSpec spec)
    {
        _submitting++;
        TrySubmit(spec);
    }

    private void TrySubmit(TaskSpec spec)
    {
        if (Scheduler is not { } scheduler)
        {
            After(Between(1, 5), () => TrySubmit(spec));
            return;
        }

        _ = AnswerAsync();

        async Task AnswerAsync()
        {
            try
            {
                var receipts = await scheduler.Store.EnqueueAsync(
                    [new NewTask(scheduler.Ids.Next(), spec, Now)], CancellationToken.None);
                Ledger.OnSubmitted(receipts);
                _submitted.AddRange(receipts.Select(receipt => receipt.Id));
            }
            catch (ObjectDisposedException)
            {
                // Not answered: may or may not be kept.
            }
            finally
            {
                _submitting--;
            }
        }
    }

    private TaskSpec AnySpec()
    {
        var spec = PlainSpec();
        spec.Priority = _allAlike ? 5 : 1 + _random.Next(10);
        spec.Client = Chance(0.5) ? "one" : "two";
        if (_submitted.Count > 0 && Chance(0.3))
        {
            spec.DependsOn.Add(_submitted[_random.Next(_submitted.Count)]);
        }

        if (Chance(0.1))
        {
            spec.Deadline = Timestamp.FromDateTimeOffset(Now + Between(1, 120));
        }

        return spec;
    }

    private void Trouble()
    {
        var node = _nodes[_random.Next(_nodes.Count)];
        switch (_random.Next(8))
        {
            case 0:
                node.Crash();
                break;
            case 1:
                node.LoseStream();
                break;
            case 2:
                node.Freeze();
                break;
            case 3 when Scheduler is not null:
                Scheduler.Crash();
                Scheduler = null;
                Ledger.OnSchedulerCrashed();
                After(Between(0.5, 40), StartScheduler);
                break;
            case 4:
                node.TakeNewStream();
                break;
            case 5 when _clockSteps:
                // Forward as after a long sleep, or back as by a time server: timers do not notice that one.
                Clock.AdjustTime(Now + Between(-20, 40));
                break;
            default:
                Cancel();
                break;
        }
    }

    private void Cancel()
    {
        if (Scheduler is { } scheduler && _submitted.Count > 0)
        {
            _ = AnswerAsync(_submitted[_random.Next(_submitted.Count)]);
        }

        async Task AnswerAsync(string id)
        {
            var results = await Scheduler.Store.CancelAsync([id], CancellationToken.None);
            if (results.Single().Outcome == ChangeOutcome.Changed)
            {
                Ledger.OnCancelled(id);
            }
        }
    }

    private bool IsDone()
    {
        if (Scheduler is null || _submitting > 0 || _nodes.Exists(node => node.IsCrashed))
        {
            return false;
        }

        var counts = Scheduler.Store.CountAsync(CancellationToken.None).Result;
        return counts.Where(pair => !pair.Key.IsFinal()).Sum(pair => pair.Value) == 0;
    }

    /// <summary>Compares what was promised with what is on record. Returns the log of the day.</summary>
    public IReadOnlyList<TaskEvent> Check()
    {
        while (Scheduler!.Store.CommitOnce())
        {
            Threads.Drain();
        }

        var list = Scheduler.Store.ListAsync(
            new ListRequest { PageSize = 1_000, IncludeOutput = true }, CancellationToken.None);
        var events = Scheduler.Store.Events.ReadAsync(1, int.MaxValue, CancellationToken.None).AsTask();
        Threads.Drain();
        Ledger.Check(list.Result.Tasks.ToDictionary(record => record.Id), events.Result.Events);
        if (!_clockSteps)
        {
            OrderCheck.Check(events.Result.Events, Ledger.SchedulerCrashes);
        }

        return events.Result.Events;
    }
}
