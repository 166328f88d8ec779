using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Contracts.Schemas;
using Koubou.Scheduler.TaskTypes;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Submission;

/// <summary>What makes a submit acceptable. Every fault of a request is found at once.</summary>
public sealed class SubmitRules(TaskTypeRegistry types, IOptions<SubmitLimits> limits, TimeProvider time)
{
    private const int PriorityMin = 1;
    private const int PriorityMax = 10;
    private const int AttemptsMax = 100;
    private const int LabelsMax = 32;
    private const int LabelNameMax = 64;
    private const int LabelValueMax = 256;
    private const int OptionsMax = 32;
    private const int OptionValueMax = 4_096;
    private const int NameMax = 128;
    private const int IdempotencyKeyMax = 200;
    private const int TextBytesMax = 256 * 1024;
    private static readonly TimeSpan TimeoutMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(24);

    private readonly SubmitLimits _limits = limits.Value;

    /// <summary>All faults of a submit; empty when it is acceptable.</summary>
    /// <param name="tasks">What is to be done.</param>
    /// <param name="caller">What the caller's key allows; null: no key.</param>
    public IReadOnlyList<Fault> FindFaults(IReadOnlyList<TaskSpec> tasks, Caller? caller = null)
    {
        if (tasks.Count == 0)
        {
            return [new Fault("tasks", "must hold at least one task")];
        }

        if (tasks.Count > _limits.BatchMax)
        {
            return [new Fault("tasks", $"holds {tasks.Count} tasks; at most {_limits.BatchMax} are taken in one submit")];
        }

        var faults = new List<Fault>();
        for (var index = 0; index < tasks.Count; index++)
        {
            FindFaults(tasks[index], index, faults);
            CheckRights(tasks[index], caller, index, faults);
        }

        return faults;
    }

    private void FindFaults(TaskSpec spec, int index, List<Fault> faults)
    {
        CheckType(spec, index, faults);
        CheckPrompt(spec, index, faults);
        CheckNumbers(spec, index, faults);
        CheckTimes(spec, index, faults);
        CheckLabels(spec, index, faults);
        CheckSchema(spec, index, faults);
        CheckLength(spec.Client, NameMax, index, "client", faults);
        CheckLength(spec.BatchId, NameMax, index, "batch_id", faults);
        CheckLength(spec.Backend, NameMax, index, "backend", faults);
        CheckLength(spec.Model, NameMax, index, "model", faults);
        CheckLength(spec.IdempotencyKey, IdempotencyKeyMax, index, "idempotency_key", faults);
        if (spec.PassOutputs && spec.DependsOn.Count == 0)
        {
            Add(faults, index, "pass_outputs", "hands over what other tasks answered: name them in depends_on");
        }

        CheckOptions(spec, index, faults);
    }

    private void CheckType(TaskSpec spec, int index, List<Fault> faults)
    {
        if (spec.Type.Length > 0 && types.Find(spec.Type) is null)
        {
            var known = string.Join(", ", types.All.Select(type => type.Name));
            Add(faults, index, "type", $"'{Shorten(spec.Type)}' is not registered; registered types are {known}");
        }
    }

    private void CheckPrompt(TaskSpec spec, int index, List<Fault> faults)
    {
        if (string.IsNullOrWhiteSpace(spec.Prompt))
        {
            Add(faults, index, "prompt", "is missing or empty; say what is to be done");
        }

        CheckBytes(spec.Prompt, _limits.PromptBytesMax, index, "prompt", faults);
        CheckBytes(spec.SystemPrompt, TextBytesMax, index, "system_prompt", faults);
    }

    private static void CheckNumbers(TaskSpec spec, int index, List<Fault> faults)
    {
        if (spec.HasPriority && spec.Priority is < PriorityMin or > PriorityMax)
        {
            Add(faults, index, "priority",
                $"must be a whole number from {PriorityMin} to {PriorityMax}, 10 first; was {spec.Priority}");
        }

        if (spec.HasAttemptsMax && spec.AttemptsMax is < 1 or > AttemptsMax)
        {
            Add(faults, index, "attempts_max", $"must be a whole number from 1 to {AttemptsMax}; was {spec.AttemptsMax}");
        }
    }

    private void CheckTimes(TaskSpec spec, int index, List<Fault> faults)
    {
        if (spec.Timeout is { } timeout && (!TryRead(timeout, out var span) || span < TimeoutMin || span > TimeoutMax))
        {
            Add(faults, index, "timeout", "must be from 1 second to 24 hours");
        }

        var hasNotBefore = TryRead(spec.NotBefore, index, "not_before", faults, out var notBefore);
        var hasDeadline = TryRead(spec.Deadline, index, "deadline", faults, out var deadline);
        if (hasDeadline && deadline <= time.GetUtcNow())
        {
            Add(faults, index, "deadline", $"must lie in the future; was {deadline:O}");
        }
        else if (hasDeadline && hasNotBefore && deadline <= notBefore)
        {
            Add(faults, index, "deadline", "must be later than not_before");
        }
    }

    private static void CheckLabels(TaskSpec spec, int index, List<Fault> faults)
    {
        if (spec.Labels.Count > LabelsMax)
        {
            Add(faults, index, "labels", $"holds {spec.Labels.Count} labels; at most {LabelsMax} are kept");
            return;
        }

        foreach (var (name, value) in spec.Labels)
        {
            if (name.Length is 0 or > LabelNameMax || value.Length > LabelValueMax)
            {
                Add(faults, index, "labels",
                    $"'{Shorten(name)}': a name has 1 to {LabelNameMax} characters, a value at most {LabelValueMax}");
            }
        }
    }

    private static void CheckOptions(TaskSpec spec, int index, List<Fault> faults)
    {
        if (spec.Options.Count > OptionsMax)
        {
            Add(faults, index, "options", $"holds {spec.Options.Count} options; at most {OptionsMax} are taken");
            return;
        }

        foreach (var (name, value) in spec.Options)
        {
            if (name.Length is 0 or > LabelNameMax || value.Length > OptionValueMax)
            {
                Add(faults, index, "options",
                    $"'{Shorten(name)}': a name has 1 to {LabelNameMax} characters, a value at most {OptionValueMax}");
            }
        }
    }

    private void CheckRights(TaskSpec spec, Caller? caller, int index, List<Fault> faults)
    {
        // A key can loosen what the workshop allows, never tighten it: without the scope it has everyone's rights.
        var loosest = caller is null || caller.LoosestDataPolicy < _limits.LoosestDataPolicy
            ? _limits.LoosestDataPolicy
            : caller.LoosestDataPolicy;
        if (!System.Enum.IsDefined(spec.DataPolicy))
        {
            Add(faults, index, "data_policy", "must be local, private or any");
        }
        else if (spec.DataPolicy > loosest)
        {
            faults.Add(new Fault(
                Path(index, "data_policy"),
                $"'{spec.DataPolicy.ToWord()}' is looser than this workshop allows, '{loosest.ToWord()}'; "
                + "its operator can allow it to all with Queue:Limits:LoosestDataPolicy, or to one API key with the scope "
                + $"allow-{spec.DataPolicy.ToWord()}",
                Fault.PolicyRefused));
        }

        if (caller is { PriorityMax: > 0 } && spec.HasPriority && spec.Priority > caller.PriorityMax && spec.Priority <= PriorityMax)
        {
            Add(faults, index, "priority",
                $"must be at most {caller.PriorityMax} with the key '{Shorten(caller.Key)}'; was {spec.Priority}");
        }
    }

    private static void CheckSchema(TaskSpec spec, int index, List<Fault> faults)
    {
        CheckBytes(spec.OutputSchema, TextBytesMax, index, "output_schema", faults);
        if (spec.OutputSchema.Length == 0)
        {
            return;
        }

        // One that is no schema would fail every attempt, after the model has worked.
        if (spec.OutputSchema.Length <= TextBytesMax && !JsonSchema.TryParse(spec.OutputSchema, out _, out var schemaFaults))
        {
            Add(faults, index, "output_schema", string.Join("; ", schemaFaults));
        }
    }

    private static void CheckBytes(string text, int bytesMax, int index, string field, List<Fault> faults)
    {
        // No string has more than three UTF-8 bytes for each of its characters.
        if (text.Length * 3L <= bytesMax)
        {
            return;
        }

        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > bytesMax)
        {
            faults.Add(new Fault(
                Path(index, field), $"has {bytes:N0} bytes; at most {bytesMax:N0} are taken", Fault.TooLarge));
        }
    }

    private static void CheckLength(string text, int charactersMax, int index, string field, List<Fault> faults)
    {
        if (text.Length > charactersMax)
        {
            Add(faults, index, field, $"has {text.Length} characters; at most {charactersMax} are taken");
        }
    }

    private static bool TryRead(
        Timestamp? value, int index, string field, List<Fault> faults, out DateTimeOffset moment)
    {
        moment = default;
        if (value is null)
        {
            return false;
        }

        try
        {
            moment = value.ToDateTimeOffset();
            return true;
        }
        catch (InvalidOperationException)
        {
            Add(faults, index, field, "is not a point in time between the years 1 and 9999");
            return false;
        }
    }

    private static bool TryRead(Duration value, out TimeSpan span)
    {
        span = default;
        try
        {
            span = value.ToTimeSpan();
            return true;
        }
        catch (Exception error) when (error is InvalidOperationException or OverflowException)
        {
            return false;
        }
    }

    private static void Add(List<Fault> faults, int index, string field, string message) =>
        faults.Add(new Fault(Path(index, field), message));

    private static string Path(int index, string field) => $"tasks[{index}].{field}";

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
