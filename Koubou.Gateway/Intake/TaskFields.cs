using System.Text.Json;
using Koubou.Gateway.Intake.Fields;

namespace Koubou.Gateway.Intake;

/// <summary>
/// The fields of a submitted task on every JSON door. Only their shapes: what values are good is for the scheduler to
/// say, in one place for all doors.
/// </summary>
internal static class TaskFields
{
    public const string Prompt = "prompt";
    public const string Type = "type";
    public const string Priority = "priority";

    public static IReadOnlyList<TaskField> All { get; } =
    [
        new TextField(Prompt, "What is asked. At most 1 MiB by default.", (spec, text) => spec.Prompt = text,
            "Create a Python function for fibonacci"),
        new TextField(Type, "A registered task type. Default: general.", (spec, text) => spec.Type = text, "code"),
        new WholeNumberField(Priority, "1 to 10; 10 goes first. Default: 5.", " from 1 to 10",
            (spec, number) => spec.Priority = number),
        new TextField("system_prompt", "Replaces the type's system prompt.", (spec, text) => spec.SystemPrompt = text),
        new LabelsField("labels", "Words of your own to find the task by."),
        new TextField("idempotency_key", "A second submit with the same key and client answers with the first task.",
            (spec, text) => spec.IdempotencyKey = text),
        new TimeField("not_before", "The task waits until then.", (spec, time) => spec.NotBefore = time),
        new TimeField("deadline", "A task that has not succeeded by then expires.", (spec, time) => spec.Deadline = time),
        new SecondsField("timeout_seconds", "The longest one attempt may take. Default: the type's.",
            (spec, duration) => spec.Timeout = duration),
        new WholeNumberField("attempts_max", "Tries before the dead letter. Default: the type's.", "",
            (spec, number) => spec.AttemptsMax = number),
        new IdsField("depends_on", "Tasks that must succeed first: ids, or in a batch #0 for its first task, #1 for its second …",
            spec => spec.DependsOn),
        new FlagField("run_if_dependency_failed", "Run even when a dependency failed. Default: false.",
            (spec, flag) => spec.RunIfDependencyFailed = flag),
        new FlagField("pass_outputs", "Hand the answers of depends_on over with the prompt. Default: false.",
            (spec, flag) => spec.PassOutputs = flag),
        new TextField("batch_id", "Names the batch that the task belongs to.", (spec, text) => spec.BatchId = text),
        new PolicyField("data_policy", "How far the content may travel. Default: local, never off the worker's machine."),
        new TextField("backend", "The wanted backend. Default: the worker node chooses.",
            (spec, text) => spec.Backend = text),
        new TextField("model", "The wanted model. Default: the type's.", (spec, text) => spec.Model = text, "gemma2:2b"),
        new OptionsField("options", "For the backend, such as temperature, num_ctx, sandbox or folder. They win over the type's."),
        new FlagField("refuse_if_nobody_eligible",
            "Refuse the task at once when no connected worker node can run it. Default: false, it waits for one.",
            (spec, flag) => spec.RefuseIfNobodyEligible = flag),
        new JsonSchemaField("output_schema", "A JSON schema that the answer must satisfy."),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(field => field.Name)];

    /// <summary>The index of the property under the reader, or -1.</summary>
    public static int Find(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (reader.ValueTextEquals(All[i].Utf8Name))
            {
                return i;
            }
        }

        return -1;
    }
}
