using System.Reflection;

namespace Koubou.Gateway.Mcp;

/// <summary>What every client's model reads about this server, before it reads any tool.</summary>
internal static class McpInstructions
{
    /// <summary>Claude Code cuts whatever is longer.</summary>
    public const int TextMax = 2_048;

    public const string Text = """
        Koubou is a workshop of craftsmen: language models on the user's own machines, behind a durable queue. You are
        the master. Give out work that is self-contained and easy to check, keep for yourself what needs judgement, tools
        or this conversation, and check what comes back before you use it.

        How to work with it:
        1. Cut the work into independent pieces. Put into each prompt everything its craftsman needs; it sees nothing
           else. Say exactly what form the answer must have, or give output_schema.
        2. delegate (one) or delegate_many (a batch) returns at once. Go on with your own work meanwhile.
        3. wait collects what has finished, at most 90 seconds a call; call it again for the rest. get_result reads a long
           answer by parts.
        4. Every reply ends with unread: finished results that you have not read yet. They survive timeouts, compaction
           and restarts, so never delegate the same work twice because an answer seems lost; list_tasks finds it.

        A notice that begins with "Simulated" means that no model answered: tell the user, and do not use the text.
        Content stays on the machines that the user's data policy admits, by default the worker's own; no tool changes
        that. If nothing moves, workshop_status says what a person should mend, with the command.
        """;

    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
        typeof(McpInstructions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
            .InformationalVersion.Split('+')[0] ?? "0";
}
