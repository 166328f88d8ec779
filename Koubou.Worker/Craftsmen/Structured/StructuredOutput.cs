using System.Text.Json;
using Koubou.Contracts.Schemas;

namespace Koubou.Worker.Craftsmen.Structured;

/// <summary>
/// Holds answers against the task's output schema. An answer that does not satisfy it goes back to who gave it, with the
/// fault; after a few rounds the attempt fails, and another one may come.
/// </summary>
internal sealed class StructuredOutput
{
    /// <summary>How often an answer goes back within one attempt.</summary>
    public const int RepairsMax = 2;

    private const int FaultsShown = 5;

    private readonly JsonSchema _schema;

    private StructuredOutput(JsonSchema schema) => _schema = schema;

    /// <summary>Null: the task asks for no schema.</summary>
    public static StructuredOutput? For(AssignedTask task)
    {
        if (task.OutputSchema.Length == 0)
        {
            return null;
        }

        return JsonSchema.TryParse(task.OutputSchema, out var schema, out var faults)
            ? new StructuredOutput(schema)
            : throw TaskFailureException.Permanent("bad_schema", $"The output schema is none: {string.Join("; ", faults)}");
    }

    /// <summary>Asks until the answer satisfies the schema. Without one the first answer is the result.</summary>
    /// <param name="task">Whose schema it is.</param>
    /// <param name="prompt">What to ask first.</param>
    /// <param name="context">Takes the progress.</param>
    /// <param name="ask">Asks a prompt and returns the answer.</param>
    public static async Task<TaskResult> AskAsync(
        AssignedTask task, string prompt, ICraftsmanContext context, Func<string, Task<string>> ask)
    {
        if (For(task) is not { } structured)
        {
            return new TaskResult(await ask(prompt));
        }

        var wanted = prompt;
        for (var repairs = 0; ; repairs++)
        {
            var answer = await ask(wanted);
            if (structured.TryRead(answer, out var json, out var fault))
            {
                return new TaskResult(answer, json);
            }

            structured.DemandAnotherTry(repairs, fault, context);
            wanted = $"{prompt}\n\nYour answer before was:\n{answer}\n\n{Complaint(fault)}";
        }
    }

    /// <summary>The answer as JSON that satisfies the schema; or the fault.</summary>
    public bool TryRead(string answer, out string json, out string fault)
    {
        json = "";
        JsonElement value;
        try
        {
            value = JsonElement.Parse(WithoutFence(answer));
        }
        catch (JsonException exception)
        {
            fault = $"It is not JSON: {exception.Message}";
            return false;
        }

        var faults = _schema.FindFaults(value);
        fault = string.Join("; ", faults.Take(FaultsShown));
        json = faults.Count == 0 ? value.GetRawText() : "";
        return faults.Count == 0;
    }

    /// <summary>Says that the answer goes back, or fails the attempt when it did so often enough.</summary>
    public void DemandAnotherTry(int repairs, string fault, ICraftsmanContext context)
    {
        if (repairs >= RepairsMax)
        {
            throw TaskFailureException.Transient(
                "invalid_output", $"The answer does not satisfy the task's output schema, after {repairs + 1} tries: {fault}");
        }

        context.ReportProgress($"The answer does not satisfy the output schema and goes back: {fault}");
    }

    /// <summary>What tells a model how to mend its answer.</summary>
    public static string Complaint(string fault) =>
        $"That does not satisfy the JSON schema of the answer: {fault}\n"
        + "Answer again with one JSON value that satisfies it, and nothing else.";

    // ```json
    // {"a": 1}
    // ```
    private static string WithoutFence(string answer)
    {
        var text = answer.Trim();
        if (!text.StartsWith("```", StringComparison.Ordinal) || !text.EndsWith("```", StringComparison.Ordinal))
        {
            return text;
        }

        var begin = text.IndexOf('\n');
        return begin < 0 || text.Length < begin + 4 ? text : text[(begin + 1)..^3];
    }
}
