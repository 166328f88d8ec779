using System.Runtime.CompilerServices;

namespace Koubou.Cli.Doctor;

/// <summary>Codex CLI: is it there where it is wanted, and does its sandbox work and let it do what it is to do?</summary>
internal sealed class CodexCheck : ICheck
{
    private const string Subject = "codex";
    private const string Section = "Koubou:Worker:Codex";
    private const string UnsafeVariable = "CODEX_UNSAFE_ALLOW_NO_SANDBOX";
    private const string ReadOnly = "read-only";

    public async IAsyncEnumerable<Finding> LookAsync(
        Patient patient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var enabled = patient.Settings[$"{Section}:Enabled"];
        if (!patient.IsHere || string.Equals(enabled, "false", StringComparison.OrdinalIgnoreCase))
        {
            yield break;
        }

        var command = patient.Settings[$"{Section}:Command"] is { Length: > 0 } named ? named : "codex";
        if (Programs.Find(command) is not { } program)
        {
            if (string.Equals(enabled, "true", StringComparison.OrdinalIgnoreCase))
            {
                yield return Finding.Error(Subject, $"'{command}' was not found", "npm install -g @openai/codex");
            }

            yield break;
        }

        var version = await Programs.RunAsync(program, ["--version"], cancellationToken);
        if (version is not (0, { } words))
        {
            yield return Finding.Error(Subject, $"{program} does not run", "npm install -g @openai/codex");
            yield break;
        }

        if (patient.Settings[UnsafeVariable] == "1")
        {
            yield return Finding.Warning(Subject, $"{words} runs without its sandbox", $"unset {UnsafeVariable}");
            yield break;
        }

        yield return await SandboxAsync(program, words, patient.Settings[$"{Section}:Sandbox"], cancellationToken);
    }

    private static async Task<Finding> SandboxAsync(
        string program, string version, string? mode, CancellationToken cancellationToken)
    {
        if (await Programs.RunAsync(program, ["sandbox", "--", "true"], cancellationToken) is not (0, _))
        {
            return Finding.Error(
                Subject,
                $"{version} cannot set up its sandbox on this machine, so its commands fail",
                "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1), "
                + $"or opt out of the sandbox: {UnsafeVariable}=1");
        }

        return string.IsNullOrWhiteSpace(mode) || mode == ReadOnly
            ? Finding.Ok(
                Subject,
                $"{version}; its sandbox lets it read only. To let it write, give its task type "
                + $" \"Options\": {{ \"sandbox\": \"\\\"workspace-write\\\"\" }}")
            : Finding.Ok(Subject, $"{version}; its sandbox is {mode}");
    }
}
