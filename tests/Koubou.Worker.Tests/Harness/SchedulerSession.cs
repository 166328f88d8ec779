using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.OllamaStandIn;

namespace Koubou.Worker.Tests.Harness;

/// <summary>One stream of one node, with the accounts that a scheduler keeps.</summary>
public sealed class SchedulerSession(
    ScriptedScheduler owner, int number, Hello hello, IServerStreamWriter<SchedulerMessage> stream)
    : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _broken = new();
    private int _credit;
    private int _leased;
    private long _token;

    public int Number { get; } = number;

    public Hello Hello { get; } = hello;

    public SignalLog<NodeMessage> Frames { get; } = new();

    public SignalLog<TaskReport> Reports { get; } = new();

    /// <summary>Credit after each frame.</summary>
    public SignalLog<int> Credits { get; } = new();

    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The stream did not end in order.</summary>
    public bool Broke { get; private set; }

    public int Credit => Volatile.Read(ref _credit);

    /// <summary>Tasks assigned and not yet at their end.</summary>
    public int Leased => Volatile.Read(ref _leased);

    /// <summary>The most tasks that were ever out at once.</summary>
    public int LeasedMax { get; private set; }

    public void Dispose()
    {
        _writing.Dispose();
        _broken.Dispose();
    }

    public Task WelcomeAsync() => SendAsync(new SchedulerMessage
    {
        Welcome = new Welcome
        {
            SchedulerId = "scripted",
            HeartbeatInterval = Duration.FromTimeSpan(owner.HeartbeatInterval),
            LeaseDuration = Duration.FromTimeSpan(owner.HeartbeatInterval * 3),
            TaskTypes = { owner.TaskTypes },
            Kept = { Hello.Held.Where(owner.Keeps) },
        },
    });

    /// <summary>Assigns a task against credit that the node has granted.</summary>
    public async Task<Assignment> AssignAsync(TaskSpec spec, string? id = null, int attempt = 1)
    {
        await Credits.FirstAsync(_ => Credit > 0, Patience.Limit);
        return await ForceAssignAsync(spec, id, attempt);
    }

    /// <summary>Assigns a task whether or not there is credit.</summary>
    public async Task<Assignment> ForceAssignAsync(TaskSpec spec, string? id = null, int attempt = 1)
    {
        Interlocked.Decrement(ref _credit);
        LeasedMax = Math.Max(LeasedMax, Interlocked.Increment(ref _leased));
        var token = (ulong)Interlocked.Increment(ref _token) + ((ulong)Number << 32);
        var assignment = new Assignment
        {
            TaskId = id ?? Guid.CreateVersion7().ToString("D", CultureInfo.InvariantCulture),
            LeaseToken = token,
            Attempt = attempt,
            Spec = spec,
        };
        await SendAsync(new SchedulerMessage { Assignments = { assignment } });
        return assignment;
    }

    /// <summary>Assigns whenever there is credit, like a queue with a backlog.</summary>
    public async Task<List<Assignment>> AssignAllAsync(IEnumerable<TaskSpec> backlog)
    {
        var assigned = new List<Assignment>();
        foreach (var spec in backlog)
        {
            assigned.Add(await AssignAsync(spec));
        }

        return assigned;
    }

    public Task EndAsync(Assignment assignment, EndReason reason) => SendAsync(new SchedulerMessage
    {
        End = { new EndWork { TaskId = assignment.TaskId, LeaseToken = assignment.LeaseToken, Reason = reason } },
    });

    public async Task SendAsync(SchedulerMessage message)
    {
        await _writing.WaitAsync();
        try
        {
            await stream.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Breaks the stream as a killed scheduler would.</summary>
    public void Break() => _broken.Cancel();

    /// <summary>The final report of a task.</summary>
    public Task<TaskReport> EndOfAsync(Assignment assignment) => Reports.FirstAsync(
        report => report.TaskId == assignment.TaskId && report.LeaseToken == assignment.LeaseToken && IsFinal(report),
        Patience.Limit);

    public async Task<Completed> CompletedAsync(Assignment assignment)
    {
        var report = await EndOfAsync(assignment);
        Assert.True(report.Completed is not null, report.ToString());
        return report.Completed;
    }

    public async Task<Failed> FailedAsync(Assignment assignment)
    {
        var report = await EndOfAsync(assignment);
        Assert.True(report.Failed is not null, report.ToString());
        return report.Failed;
    }

    public async Task<GivenBack> GivenBackAsync(Assignment assignment)
    {
        var report = await EndOfAsync(assignment);
        Assert.True(report.GivenBack is not null, report.ToString());
        return report.GivenBack;
    }

    /// <summary>The first offer that fits, be it in the hello or later.</summary>
    public async Task<NodeOffer> OfferAsync(Func<NodeOffer, bool> fits) => fits(Hello.Offer)
        ? Hello.Offer
        : (await Frames.FirstAsync(frame => frame.Offer is { } offer && fits(offer), Patience.Limit)).Offer;

    /// <summary>The first progress note of a task that contains the text.</summary>
    public Task<TaskReport> ProgressAsync(Assignment assignment, string text) => Reports.FirstAsync(
        report => report.TaskId == assignment.TaskId
            && report.Running?.Progress.Contains(text, StringComparison.Ordinal) == true,
        Patience.Limit);

    public async Task RunAsync(IAsyncStreamReader<NodeMessage> requests, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _broken.Token);
        try
        {
            while (await requests.MoveNext(either.Token))
            {
                await TakeAsync(requests.Current);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            Broke = true;
            throw new RpcException(new Status(StatusCode.Unavailable, "scripted break"));
        }
        finally
        {
            Closed.TrySetResult();
        }
    }

    private async Task TakeAsync(NodeMessage frame)
    {
        var acks = new SchedulerMessage();
        foreach (var report in frame.Reports)
        {
            if (IsFinal(report))
            {
                Interlocked.Decrement(ref _leased);
                acks.Acks.Add(new ReportAck
                {
                    TaskId = report.TaskId,
                    LeaseToken = report.LeaseToken,
                    Outcome = owner.Outcome,
                });
            }

            Reports.Add(report);
        }

        Credits.Add(Interlocked.Add(ref _credit, frame.Credit));
        Frames.Add(frame);
        if (owner.Confirms && acks.Acks.Count > 0)
        {
            await SendAsync(acks);
        }
    }

    private static bool IsFinal(TaskReport report) =>
        report.Completed is not null || report.Failed is not null || report.GivenBack is not null;
}
