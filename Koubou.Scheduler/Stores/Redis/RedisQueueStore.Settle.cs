using System.Globalization;
using System.Text;
using Google.Protobuf;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

internal sealed partial class RedisQueueStore
{
    // By then every backoff has reached its longest.
    private const int WaitsMax = 64;

    public async Task<IReadOnlyList<ReportOutcome>> SettleAsync(
        IReadOnlyList<Settlement> settlements, CancellationToken cancellation) =>
        settlements.Count == 0 ? [] : await _settlements.CallAsync(settlements);

    private async Task<IReadOnlyList<ReportOutcome>> SendAsync(IReadOnlyList<Settlement> settlements)
    {
        var arguments = new List<RedisValue>(2 + (12 * settlements.Count)) { Now, settlements.Count };
        foreach (var settlement in settlements)
        {
            Add(arguments, settlement);
        }

        var answer = await StepAsync("settle", arguments);
        return [.. answer.Skip(1).Select(outcome => (ReportOutcome)(int)outcome)];
    }

    private void Add(List<RedisValue> arguments, Settlement settlement)
    {
        var report = settlement switch
        {
            CompletedSettlement { Report: var completed } => new Report(
                "c", completed.Facts, AttemptOutcome.Succeeded, Artifacts: completed.Artifacts)
            {
                Output = completed.Output,
                Structured = completed.StructuredOutput,
            },
            FailedSettlement { Report: var failed } => new Report("f", failed.Facts, AttemptOutcome.Failed, failed.Error)
            {
                Wait = Waits(failed.RetryAfter?.ToTimeSpan() ?? TimeSpan.Zero),
            },
            GivenBackSettlement { Report: var givenBack } => new Report("g", null, AttemptOutcome.GivenBack, givenBack.Reason)
            {
                Wait = Milliseconds(givenBack.RetryAfter?.ToTimeSpan() ?? TimeSpan.Zero),
            },
            LostSettlement lost => new Report("l", null, AttemptOutcome.Lost) { Reason = lost.Reason },
            _ => throw new NotSupportedException(settlement.GetType().Name),
        };
        arguments.Add(report.How);
        arguments.Add(Normal(settlement.Lease.TaskId));
        arguments.Add(RedisValues.Write(settlement.Lease.Token));
        arguments.Add(AttemptFields(report));
        arguments.Add(report.Facts is null ? RedisValue.EmptyString : EventFacts(report.Facts));
        arguments.Add(RedisValues.Write(report.Error));
        arguments.Add(report.Output.Length + report.Structured.Length == 0
            ? RedisValue.EmptyString
            : RedisValues.Write(new Completed { Output = report.Output, StructuredOutput = report.Structured }));
        arguments.Add(Encoding.UTF8.GetByteCount(report.Output));
        arguments.Add(report.Artifacts is { Count: > 0 } artifacts
            ? RedisValues.Write(new TaskRecord { Artifacts = { artifacts } })
            : RedisValue.EmptyString);
        arguments.Add((int)(report.Error?.Kind ?? FailureKind.Transient));
        arguments.Add(report.Wait);
        arguments.Add(report.Reason);
    }

    // The waits after the first attempt, the second and so on: only the server knows which it was.
    private string Waits(TimeSpan wish)
    {
        var chance = _random.NextDouble();
        var text = new StringBuilder();
        TimeSpan wait;
        var attempt = 0;
        do
        {
            attempt++;
            wait = Backoff.After(attempt, _backoffOptions, chance);
            text.Append(text.Length == 0 ? "" : ",").Append(Milliseconds(wish > wait ? wish : wait));
        }
        while (attempt < WaitsMax && Backoff.After(attempt + 1, _backoffOptions, chance) != wait);

        return text.ToString();
    }

    private static string Milliseconds(TimeSpan wait) =>
        Math.Max(0, (long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    // What the end adds to the attempt; the server adds when.
    private static RedisValue AttemptFields(Report report)
    {
        var attempt = new Attempt { Outcome = report.Outcome, Error = report.Error };
        if (report.Facts is { } facts)
        {
            attempt.Slot = facts.Slot;
            attempt.Backend = facts.Backend;
            attempt.Model = facts.Model;
            attempt.Zone = facts.Zone;
            attempt.Simulated = facts.Simulated;
            attempt.FirstToken = facts.FirstToken;
            attempt.ModelLoad = facts.ModelLoad;
            attempt.Generation = facts.Generation;
            attempt.Usage = facts.Usage;
            attempt.Tried.AddRange(facts.Tried);
        }

        return attempt.ToByteArray();
    }

    // What every event of the task tells about its newest attempt.
    private static RedisValue EventFacts(AttemptFacts facts) => new TaskEvent
    {
        Backend = facts.Backend,
        Model = facts.Model,
        Simulated = facts.Simulated,
        Usage = facts.Usage,
        Zone = facts.Zone,
    }.ToByteArray();

    private sealed record Report(
        string How,
        AttemptFacts? Facts,
        AttemptOutcome Outcome,
        TaskError? Error = null,
        IReadOnlyCollection<Artifact>? Artifacts = null)
    {
        public string Output { get; init; } = "";

        public string Structured { get; init; } = "";

        public string Wait { get; init; } = "0";

        public string Reason { get; init; } = "";
    }
}
