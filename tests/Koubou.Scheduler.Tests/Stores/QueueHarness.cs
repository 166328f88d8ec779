using Koubou.Contracts;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Sqlite;
using Koubou.Scheduler.Submission;
using Koubou.Scheduler.Tasks;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>A real store on its real server, with a clock that only the test moves.</summary>
internal sealed class QueueHarness : IAsyncDisposable
{
    private readonly StoreEngine _engine;

    private QueueHarness(StoreEngine engine, FakeTimeProvider clock, SubmitLimits limits)
    {
        _engine = engine;
        Limits = limits;
        Clock = clock;
        Ids = new TaskIdSource(clock);
        Store = engine.Create(this);
    }

    public FakeTimeProvider Clock { get; }

    /// <summary>Goes on over restarts: a lease token never comes twice.</summary>
    public Random Random { get; } = new(1);

    public TaskIdSource Ids { get; private set; }

    public IQueueStore Store { get; private set; }

    public SubmitLimits Limits { get; }

    public LeaseOptions Lease { get; } = new();

    public BackoffOptions Backoff { get; } = new() { Jitter = 0 };

    public OrderOptions Order { get; } = new();

    public static async Task<QueueHarness> StartAsync(StoreEngine engine, SubmitLimits? limits = null)
    {
        var harness = new QueueHarness(engine, new FakeTimeProvider(DateTimeOffset.UtcNow), limits ?? new SubmitLimits());
        await harness.Store.OpenAsync(CancellationToken.None);
        return harness;
    }

    /// <summary>A store on files of its own, or on those of a home.</summary>
    public static Task<QueueHarness> StartAsync(
        SqliteOptions? sqlite = null, SubmitLimits? limits = null, string? home = null) =>
        StartAsync(new SqliteEngine(sqlite, home), limits);

    /// <summary>Opens the same queue anew, as after a restart of the scheduler.</summary>
    public async Task RestartAsync()
    {
        await Store.DisposeAsync();
        Ids = new TaskIdSource(Clock);
        Store = _engine.Create(this);
        await Store.OpenAsync(CancellationToken.None);
    }

    public NewTask NewTask(string prompt, int priority = 5, Action<TaskSpec>? change = null)
    {
        var spec = new TaskSpec
        {
            Type = "general",
            Prompt = prompt,
            Priority = priority,
            AttemptsMax = 3,
            Client = "local",
            DataPolicy = DataPolicy.Local,
        };
        change?.Invoke(spec);
        return new NewTask(Ids.Next(), spec, Clock.GetUtcNow());
    }

    public async Task<string> EnqueueAsync(string prompt, int priority = 5, Action<TaskSpec>? change = null) =>
        (await Store.EnqueueAsync([NewTask(prompt, priority, change)], CancellationToken.None)).Single().Id;

    public async Task<LeasedTask?> LeaseAsync(string node = "node-1") =>
        (await Store.LeaseAsync(new LeaseRequest(node, 1, _ => true), CancellationToken.None)).SingleOrDefault();

    public async Task<LeasedTask> MustLeaseAsync(string node = "node-1") =>
        await LeaseAsync(node) ?? throw new InvalidOperationException("No task was ready.");

    public async Task<ReportOutcome> CompleteAsync(LeaseKey lease, string output = "done") =>
        (await Store.SettleAsync(
            [new CompletedSettlement(lease, new Completed { Output = output, Facts = new AttemptFacts() })],
            CancellationToken.None)).Single();

    public async Task<ReportOutcome> FailAsync(LeaseKey lease, FailureKind kind = FailureKind.Transient) =>
        (await Store.SettleAsync(
            [
                new FailedSettlement(
                    lease,
                    new Failed { Error = new TaskError { Code = "broken", Message = "It broke.", Kind = kind } }),
            ],
            CancellationToken.None)).Single();

    public async Task<ReportOutcome> LoseAsync(LeaseKey lease) =>
        (await Store.SettleAsync([new LostSettlement(lease, "gone")], CancellationToken.None)).Single();

    public async Task<ReportOutcome> GiveBackAsync(LeaseKey lease, TimeSpan? retryAfter = null) =>
        (await Store.SettleAsync(
            [
                new GivenBackSettlement(
                    lease,
                    new GivenBack
                    {
                        Reason = new TaskError { Code = "drain", Message = "The node stops." },
                        RetryAfter = retryAfter is { } wait
                            ? Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(wait)
                            : null,
                    }),
            ],
            CancellationToken.None)).Single();

    public async Task<TaskRecord> GetAsync(string id) =>
        await Store.GetAsync(id, includeOutput: true, CancellationToken.None)
        ?? throw new InvalidOperationException($"There is no task {id}.");

    public async Task<TaskState> StateOfAsync(string id) => (await GetAsync(id)).State;

    /// <summary>Waits until a change that is under way has brought a task to a state.</summary>
    public async Task ReachesAsync(string id, TaskState state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var seen = Store.Events.LastSequence;
            if (await StateOfAsync(id) == state)
            {
                return;
            }

            await Store.Events.WaitBeyondAsync(seen, limit.Token);
        }
    }

    public async Task<ChangeResult> CancelAsync(string id) =>
        (await Store.CancelAsync([id], CancellationToken.None)).Single();

    public async Task<ChangeResult> RetryAsync(string id) =>
        (await Store.RetryAsync([id], CancellationToken.None)).Single();

    public async Task<ChangeResult> DeleteAsync(string id) =>
        (await Store.DeleteAsync([id], CancellationToken.None)).Single();

    public async Task<IReadOnlyList<TaskEvent>> EventsAsync(long from = 1) =>
        (await Store.Events.ReadAsync(from, int.MaxValue, CancellationToken.None)).Events;

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await _engine.DisposeAsync();
    }
}
