using Koubou.Contracts;
using Koubou.Worker.Backends.AgentCli;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.CodexCli;

/// <summary>Decides how closely Codex is held.</summary>
internal static class CodexSandbox
{
    public const string Words = "read-only, workspace-write or danger-full-access";

    /// <summary>The task's wish, else its type's, else the node's setting. Without the sandbox only by the opt-in.</summary>
    /// <remarks>
    /// A closed network does not close the files: without the sandbox a command could speak through another program's
    /// socket, or leave behind what another program runs. That counts as cloud, closed in or not.
    /// </remarks>
    public static SandboxMode Choose(AssignedTask task, CodexOptions options, bool unsafeAllowed)
    {
        var word = AgentTask.Option(task, AgentTask.Sandbox) ?? options.Sandbox;
        if (word.Length == 0)
        {
            return unsafeAllowed && !options.Closed ? SandboxMode.DangerFullAccess : SandboxMode.ReadOnly;
        }

        if (!TryParse(word, out var mode))
        {
            throw TaskFailureException.Permanent(
                "bad_option", $"The option 'sandbox' is '{word}'. Allowed: {Words}.");
        }

        if (mode == SandboxMode.DangerFullAccess && options.Closed && !task.DataPolicy.Admits(Zone.Cloud))
        {
            throw TaskFailureException.Permanent(
                "sandbox_refused",
                "Without its sandbox Codex counts as cloud, closed in or not, and the task's data policy is "
                + $"'{task.DataPolicy.ToWord()}'. Ask for \"workspace-write\".");
        }

        return mode != SandboxMode.DangerFullAccess || unsafeAllowed
            ? mode
            : throw TaskFailureException.Permanent(
                "sandbox_refused",
                "Codex stays in its sandbox on this worker node. Ask for \"workspace-write\", or let its operator start the "
                + $"node with {CodexOptions.UnsafeVariable}=1.");
    }

    public static bool TryParse(string word, out SandboxMode mode)
    {
        (var known, mode) = word switch
        {
            "read-only" => (true, SandboxMode.ReadOnly),
            "workspace-write" => (true, SandboxMode.WorkspaceWrite),
            "danger-full-access" => (true, SandboxMode.DangerFullAccess),
            _ => (false, default),
        };
        return known;
    }

    public static string ToWord(this SandboxMode mode) => mode switch
    {
        SandboxMode.WorkspaceWrite => "workspace-write",
        SandboxMode.DangerFullAccess => "danger-full-access",
        _ => "read-only",
    };
}
