using System.Text.Json;
using Koubou.Worker.Craftsmen;

namespace CustomWorker;

/// <summary>Counts how often each word occurs in a prompt: work that needs no model.</summary>
public sealed class WordCounter : Craftsman
{
    public override async ValueTask<TaskResult> ProcessAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        var words = task.Prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            // No other attempt can succeed either, so this one is the last.
            throw TaskFailureException.Permanent("nothing_to_count", "The prompt has no words.");
        }

        context.ReportProgress($"counting {words.Length} words");
        var counts = words.CountBy(word => word.ToLowerInvariant()).OrderByDescending(pair => pair.Value).ToList();
        foreach (var (word, count) in counts)
        {
            // Whoever watches the task sees each line at once.
            await context.WriteOutputAsync($"{count} {word}\n", cancellationToken);
        }

        // Null: the output is what was written.
        return new TaskResult(Output: null, StructuredOutput: JsonSerializer.Serialize(counts.ToDictionary()));
    }
}
