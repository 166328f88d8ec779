using System.ComponentModel;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Prompts;

/// <summary>Ways of working with the workshop; in Claude Code they are slash commands such as <c>/mcp__koubou__plan-and-delegate</c>.</summary>
[McpServerPromptType]
internal sealed class WorkshopPrompts
{
    [McpServerPrompt(Name = "plan-and-delegate", Title = "Plan and delegate")]
    [Description("Cuts a goal into pieces, delegates those that craftsmen can do, and does the rest itself.")]
    public static string PlanAndDelegate(
        [Description("What is to be reached.")] string goal,
        [Description("The task type for the pieces. Default: chosen by the master.")] string? type = null) => $"""
        Goal: {goal}

        You are the master of the Koubou workshop. Work like this:
        1. Call workshop_status: which task types and models are there, and is anything wrong?
        2. Cut the goal into pieces. Mark each as "craftsman" (self-contained, precisely specified, easy to check) or
           "master" (needs judgement, tools, or this conversation). Show me the plan in a few lines.
        3. Call delegate_many once with all pieces for craftsmen{(type is null ? "" : $", type {type}")}. Each prompt holds everything
           its craftsman needs, and says what form the answer must have. Name files by their paths rather than paste them.
        4. Do your own pieces meanwhile.
        5. Call wait with the batch_id until it says done. Check each answer against its specification; delegate again,
           with a better prompt, what is not good enough, at most twice, then do it yourself.
        6. Put the parts together, and tell me what craftsmen did, what you changed, and what is uncertain.
        """;

    [McpServerPrompt(Name = "review-results", Title = "Review results")]
    [Description("Collects finished results, checks each, and says what is usable.")]
    public static string ReviewResults(
        [Description("Only this batch. Default: everything unread.")] string? batch_id = null) => $"""
        Review what the craftsmen of the Koubou workshop delivered{(batch_id is null ? "" : $" for batch {batch_id}")}.

        1. {(batch_id is null
            ? "Call list_tasks; the reply's unread part names the results that nobody has read yet."
            : $"Call wait with batch_id {batch_id} and timeout_seconds 0 to see what has finished.")}
        2. Read each result with get_result; of a long one only as much as its check needs.
        3. For each, compare the answer with what its prompt asked. Run or test code before you trust it. An answer with a
           "Simulated" notice is no answer.
        4. Say in a table: task, verdict (use, mend, redo), reason. For failed tasks say what mends the cause; call retry
           only once it is mended.
        5. Mend what is quickly mended; propose better prompts for what must be redone, and wait for my word.
        """;

    [McpServerPrompt(Name = "map-reduce-files", Title = "Map and reduce over files")]
    [Description("Asks the same question of many files, one craftsman a file, and puts the answers together.")]
    public static string MapReduceFiles(
        [Description("Which files: paths or a pattern, such as src/**/*.cs.")] string files,
        [Description("What to do with each file.")] string question,
        [Description("What the answers together should give. Default: a summary.")] string? goal = null) => $$"""
        Files: {{files}}
        For each file: {{question}}
        Together: {{goal ?? "one summary of what was found, with the file of each finding"}}

        Map: list the files yourself. Call delegate_many once, one task a file, with files: ["path"] so that the workshop
        reads it (paste the text only if it says that your client offers no roots). Put the question, and an output_schema
        with a field for the finding and one for the evidence, into common. Skip generated and binary files; cut a file
        that is too large into ranges of lines.
        Reduce: call wait with the batch_id until it says done. Check a sample of the findings against the files. With more
        findings than you want to read, delegate their summary in a second, smaller batch. Then answer, and name the
        files whose task failed.
        """;
}
