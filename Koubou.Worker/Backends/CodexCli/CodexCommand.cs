using System.Text.Json;

namespace Koubou.Worker.Backends.CodexCli;

/// <summary>The command line of one <c>codex exec</c>.</summary>
internal static class CodexCommand
{
    /// <param name="options">The node's settings.</param>
    /// <param name="folder">Where it works.</param>
    /// <param name="mode">How closely it is held.</param>
    /// <param name="model">Empty: Codex's own choice.</param>
    /// <param name="schemaFile">The schema of the answer, or null.</param>
    public static List<string> Arguments(
        CodexOptions options, string folder, SandboxMode mode, string model, string? schemaFile)
    {
        List<string> arguments =
        [
            "exec", "--json", "--ephemeral", "--skip-git-repo-check", "--color", "never", "-C", folder,
            "--sandbox", mode.ToWord(),
        ];
        // Temporary files have a folder of their own; all of /tmp belongs to others too.
        Set(arguments, "sandbox_workspace_write.exclude_slash_tmp", "true");
        Set(arguments, "analytics.enabled", "false");
        // What Codex needs to reach its provider is not for the commands that a model thinks up.
        Set(arguments, "shell_environment_policy.exclude", JsonSerializer.Serialize(
            options.PassEnvironment.Append("CODEX_HOME"), CodexJson.Default.IEnumerableString));
        foreach (var (key, value) in options.Config)
        {
            Set(arguments, key, value);
        }

        if (options.Closed)
        {
            // After the operator's own: with a network its sandbox would let commands speak to sockets of other programs.
            Set(arguments, "sandbox_workspace_write.network_access", "false");
            // Nobody may let a command out of the sandbox.
            Set(arguments, "approval_policy", "\"never\"");
        }

        if (options.LocalProvider.Length > 0)
        {
            arguments.AddRange(["--oss", "--local-provider", options.LocalProvider]);
        }

        if (model.Length > 0)
        {
            arguments.AddRange(["-m", model]);
        }

        if (schemaFile is not null)
        {
            arguments.AddRange(["--output-schema", schemaFile]);
        }

        // The prompt comes by standard input: a command line is for everybody on the machine to read.
        arguments.Add("-");
        return arguments;
    }

    private static void Set(List<string> arguments, string key, string value) => arguments.AddRange(["-c", $"{key}={value}"]);
}
