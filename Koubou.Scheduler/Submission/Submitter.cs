using System.Diagnostics;
using Koubou.Contracts;
using Koubou.Scheduler.Metrics;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Tasks;
using Koubou.Scheduler.TaskTypes;

namespace Koubou.Scheduler.Submission;

/// <summary>Takes tasks in: finds faults, fills defaults, gives ids, keeps.</summary>
internal sealed partial class Submitter(
    SubmitRules rules,
    TaskTypeRegistry types,
    TaskIdSource ids,
    IQueueStore store,
    WaitEstimator estimator,
    Eligibility eligibility,
    TimeProvider time,
    ILogger<Submitter> logger)
    : IDisposable
{
    private const int DefaultPriority = 5;
    private const string DefaultClient = "local";

    // Callers with a limit of live tasks come in one after the other, or two at once would both see room for themselves.
    private readonly SemaphoreSlim _counting = new(1, 1);

    /// <summary>Keeps tasks, unless they have faults. Their specs belong to the queue from now on.</summary>
    /// <param name="specs">What is to be done.</param>
    /// <param name="caller">What the caller's key allows; null: no key.</param>
    /// <param name="validateOnly">Only find the faults.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaultySubmitException">Nothing is kept; every fault is told.</exception>
    /// <exception cref="QueueFullException">Nothing is kept; the key's tasks or all tasks are too many.</exception>
    public async Task<IReadOnlyList<TaskReceipt>> SubmitAsync(
        IReadOnlyList<TaskSpec> specs, Caller? caller, bool validateOnly, CancellationToken cancellation)
    {
        var faults = rules.FindFaults(specs, caller);
        Audit(faults, caller);
        ThrowIfAny(faults);
        var plan = NeedsPlan(specs) ? await SubmitPlan.MakeAsync(specs, store, cancellation) : null;
        ThrowIfAny(plan?.Faults ?? []);
        if (validateOnly)
        {
            return [];
        }

        if (caller is not { LiveTasksMax: > 0 })
        {
            return await KeepAsync(specs, caller, plan, cancellation);
        }

        await _counting.WaitAsync(cancellation);
        try
        {
            await CheckRoomAsync(specs.Count, caller, cancellation);
            return await KeepAsync(specs, caller, plan, cancellation);
        }
        finally
        {
            _counting.Release();
        }
    }

    public void Dispose() => _counting.Dispose();

    private async Task CheckRoomAsync(int wanted, Caller caller, CancellationToken cancellation)
    {
        var count = await store.CountLiveAsync(caller.Key, cancellation);
        if (count + wanted > caller.LiveTasksMax)
        {
            throw new QueueFullException(
                $"The key '{caller.Key}' may have {caller.LiveTasksMax} tasks waiting or running; it has {count}, and "
                + $"{wanted} more do not fit. Wait until some are done.");
        }
    }

    private async Task<IReadOnlyList<TaskReceipt>> KeepAsync(
        IReadOnlyList<TaskSpec> specs, Caller? caller, SubmitPlan? plan, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var tasks = new NewTask[specs.Count];
        for (var index = 0; index < tasks.Length; index++)
        {
            FillDefaults(specs[index], caller);
            tasks[index] = new NewTask(ids.Next(), specs[index], now);
        }

        plan?.Apply(tasks);
        var nobody = FindNobody(specs);
        var receipts = await store.EnqueueAsync(tasks, cancellation);
        for (var index = 0; index < receipts.Count; index++)
        {
            receipts[index].EstimatedWait = estimator.Estimate(receipts[index].QueuePosition);
            if (nobody.Count > 0
                && !receipts[index].State.IsFinal()
                && nobody.GetValueOrDefault(LaneKey.Of(specs[index])) is { } why)
            {
                receipts[index].NobodyEligible = why;
            }
        }

        return receipts;
    }

    // Told at once rather than found out by waiting; who would rather not wait is refused.
    private Dictionary<LaneKey, string> FindNobody(IReadOnlyList<TaskSpec> specs)
    {
        var known = new HashSet<LaneKey>();
        var nobody = new Dictionary<LaneKey, string>();
        List<Fault>? faults = null;
        for (var index = 0; index < specs.Count; index++)
        {
            var lane = LaneKey.Of(specs[index]);
            if (known.Add(lane) && eligibility.WhyNobody(lane) is { } why)
            {
                nobody.Add(lane, why);
            }

            if (specs[index].RefuseIfNobodyEligible && nobody.TryGetValue(lane, out var reason))
            {
                (faults ??= []).Add(new Fault($"tasks[{index}].refuse_if_nobody_eligible", $"refuses the task: {reason}"));
            }
        }

        ThrowIfAny(faults ?? []);
        return nobody;
    }

    private void Audit(IReadOnlyList<Fault> faults, Caller? caller)
    {
        foreach (var fault in faults.Where(fault => fault.Reason == Fault.PolicyRefused))
        {
            LogPolicyRefused(logger, caller is { Key.Length: > 0 } ? caller.Key : "(none)", fault.Field, fault.Message);
        }
    }

    private static bool NeedsPlan(IReadOnlyList<TaskSpec> specs) =>
        specs.Any(spec => spec.DependsOn.Count > 0 || spec.BatchId.Length > 0);

    private static void ThrowIfAny(IReadOnlyList<Fault> faults)
    {
        if (faults.Count > 0)
        {
            throw new FaultySubmitException(faults);
        }
    }

    private void FillDefaults(TaskSpec spec, Caller? caller)
    {
        if (spec.Type.Length == 0)
        {
            spec.Type = TaskTypeRegistry.DefaultType;
        }

        var type = types.Find(spec.Type)!;
        if (!spec.HasPriority)
        {
            spec.Priority = caller is { PriorityMax: > 0 } ? Math.Min(DefaultPriority, caller.PriorityMax) : DefaultPriority;
        }

        if (!spec.HasAttemptsMax)
        {
            spec.AttemptsMax = type.AttemptsMax;
        }

        spec.Timeout ??= type.Timeout;
        if (spec.Client.Length == 0)
        {
            spec.Client = caller is { Key.Length: > 0 } ? caller.Key : DefaultClient;
        }

        if (spec.Backend.Length == 0)
        {
            spec.Backend = type.Backend;
        }

        if (spec.Model.Length == 0)
        {
            spec.Model = type.Model;
        }

        if (spec.OutputSchema.Length == 0)
        {
            spec.OutputSchema = type.OutputSchema;
        }

        // With other ones the model would be loaded anew, so tasks are grouped by them.
        foreach (var (name, value) in type.Options)
        {
            if (RunnerOptions.Contains(name) && !spec.Options.ContainsKey(name))
            {
                spec.Options.Add(name, value);
            }
        }

        // The stricter of the two holds; said nothing is local.
        if (spec.DataPolicy == DataPolicy.Unspecified)
        {
            spec.DataPolicy = type.DataPolicy;
        }

        if (spec.TraceParent.Length == 0 && Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            spec.TraceParent = activity.Id;
            spec.TraceState = activity.TraceStateString ?? "";
        }
    }

    [LoggerMessage(EventId = 4031, EventName = "policy_refused", Level = LogLevel.Warning,
        Message = "AUDIT policy_refused at submit, key={Key} field={Field}: {Reason}")]
    private static partial void LogPolicyRefused(ILogger logger, string key, string field, string reason);
}
