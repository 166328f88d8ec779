using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

internal sealed partial class RedisQueueStore
{
    public Task<IReadOnlyList<TaskReceipt>> EnqueueAsync(IReadOnlyList<NewTask> tasks, CancellationToken cancellation) =>
        _submits.CallAsync(tasks);

    private async Task<IReadOnlyList<TaskReceipt>> SendAsync(IReadOnlyList<NewTask> tasks)
    {
        var arguments = new List<RedisValue>(3 + (16 * tasks.Count)) { Now, _limits.LiveTasksMax, tasks.Count };
        foreach (var task in tasks)
        {
            Add(arguments, task);
        }

        var answer = await IntakeAsync("enqueue", arguments);
        if ((string)answer[0]! == "full")
        {
            throw Full(answer[1]);
        }

        await KnowAsync(answer[0]);
        var receipts = new TaskReceipt[tasks.Count];
        for (var index = 0; index < receipts.Length; index++)
        {
            var at = 1 + (4 * index);
            receipts[index] = new TaskReceipt
            {
                Id = (string)answer[at]!,
                State = (TaskState)(int)answer[at + 1],
                Duplicate = (int)answer[at + 2] == 1,
                QueuePosition = (long)answer[at + 3],
            };
        }

        return receipts;
    }

    public async Task<int> ImportAsync(IReadOnlyList<TaskRecord> records, CancellationToken cancellation)
    {
        var arguments = new List<RedisValue>(2 + (30 * records.Count)) { Now, records.Count };
        foreach (var record in records.OrderBy(record => record.Id, StringComparer.Ordinal))
        {
            Add(arguments, record);
        }

        var answer = await IntakeAsync("import", arguments);
        await KnowAsync(answer[0]);
        return (int)answer[1];
    }

    private async Task<RedisResult[]> IntakeAsync(string function, List<RedisValue> arguments)
    {
        try
        {
            return (RedisResult[])(await _connection.CallAsync(function, arguments))!;
        }
        catch (StoreUnusableException error)
            when (error.InnerException is RedisServerException inner && RedisErrors.IsOutOfMemory(inner))
        {
            throw new QueueFullException(error.Message);
        }
    }

    private QueueFullException Full(RedisResult live) => new(
        $"The queue holds {(long)live:N0} unfinished tasks of at most {_limits.LiveTasksMax:N0}. "
        + "Submit again when some are done.");

    private static void Add(List<RedisValue> arguments, NewTask task)
    {
        var spec = task.Spec;
        arguments.Add(task.Id.ToString());
        arguments.Add(RedisValues.Write(LaneKey.Of(spec)));
        arguments.Add(spec.Type);
        arguments.Add(spec.Priority);
        arguments.Add(spec.Client);
        arguments.Add(spec.BatchId);
        arguments.Add((int)spec.DataPolicy);
        arguments.Add(spec.IdempotencyKey);
        arguments.Add(RedisValues.ToMilliseconds(spec.NotBefore));
        arguments.Add(RedisValues.ToMilliseconds(spec.Deadline));
        arguments.Add(spec.AttemptsMax);
        arguments.Add(spec.RunIfDependencyFailed);
        arguments.Add(RedisValues.Write(spec));
        AddLists(arguments, spec);
    }

    private static void Add(List<RedisValue> arguments, TaskRecord record)
    {
        var spec = record.Spec;
        var last = record.Attempts.LastOrDefault();

        // The worker of what was running is not one of this workshop.
        var state = record.State is TaskState.Running or TaskState.Unspecified ? TaskState.Queued : record.State;
        arguments.Add(record.Id);
        arguments.Add(RedisValues.Write(LaneKey.Of(spec)));
        arguments.Add(spec.Type);
        arguments.Add(spec.Priority);
        arguments.Add(spec.Client);
        arguments.Add(spec.BatchId);
        arguments.Add((int)spec.DataPolicy);
        arguments.Add(spec.IdempotencyKey);
        arguments.Add((int)state);
        arguments.Add(RedisValues.ToMilliseconds(spec.NotBefore));
        arguments.Add(RedisValues.ToMilliseconds(record.DueAt ?? spec.NotBefore));
        arguments.Add(RedisValues.ToMilliseconds(spec.Deadline));
        arguments.Add(RedisValues.ToMilliseconds(record.StartedAt));
        arguments.Add(RedisValues.ToMilliseconds(record.FinishedAt));
        arguments.Add(record.AttemptsUsed);
        arguments.Add(record.AttemptsMax > 0 ? record.AttemptsMax : spec.AttemptsMax);
        arguments.Add(record.Attempts.Count(attempt => attempt.Outcome != AttemptOutcome.GivenBack));
        arguments.Add(last?.Number ?? 0);
        arguments.Add(RedisValues.Write(record.Error));
        arguments.Add(RedisHistory.Write(record.Attempts, record.Artifacts));
        arguments.Add(last is null ? RedisValue.EmptyString : EventFacts(ToFacts(last)));
        arguments.Add(last?.Node ?? "");
        arguments.Add(record.Output.Length + record.StructuredOutput.Length == 0
            ? RedisValue.EmptyString
            : RedisValues.Write(new Completed { Output = record.Output, StructuredOutput = record.StructuredOutput }));
        arguments.Add(record.OutputBytes);
        arguments.Add(spec.RunIfDependencyFailed);
        arguments.Add(RedisValues.Write(spec));
        AddLists(arguments, spec);
    }

    private static void AddLists(List<RedisValue> arguments, TaskSpec spec)
    {
        arguments.Add(spec.Labels.Count);
        foreach (var (name, value) in spec.Labels)
        {
            arguments.Add(name);
            arguments.Add(value);
        }

        var dependencies = spec.DependsOn.Select(id => Tasks.TaskId.Parse(id).ToString()).Distinct().ToList();
        arguments.Add(dependencies.Count);
        arguments.AddRange(dependencies.Select(id => (RedisValue)id));
    }

    private static AttemptFacts ToFacts(Attempt attempt) => new()
    {
        Backend = attempt.Backend,
        Model = attempt.Model,
        Zone = attempt.Zone,
        Simulated = attempt.Simulated,
        Usage = attempt.Usage,
    };
}
