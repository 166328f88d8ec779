namespace Koubou.Worker.Backends.CodexCli;

/// <summary>What people read when Codex has a trouble, each with the command that mends it.</summary>
internal static class CodexSentences
{
    public static string Missing(string command) =>
        $"Codex CLI is not installed: there is no program '{command}'. Install it with: npm install -g @openai/codex";

    public static string NoLogin(string home) => $"Codex has no login. Give it one with: CODEX_HOME={home} codex login";

    public static string SandboxBroken(string reason) =>
        $"Codex cannot run commands or write, because its sandbox does not work on this machine ({reason.TrimEnd('.')}). Allow "
        + "user namespaces with: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 "
        + "kernel.unprivileged_userns_clone=1 (whichever exists), or start the worker without the sandbox: "
        + $"{CodexOptions.UnsafeVariable}=1";

    public static string NotClosed(string reason) =>
        $"Codex is to be closed in ({CodexOptions.Section}:Closed), but this machine cannot do that, so it does not work and "
        + $"counts as cloud: {reason.TrimEnd('.')}. Allow user namespaces with: sudo sysctl -w "
        + "kernel.apparmor_restrict_unprivileged_userns=0 kernel.unprivileged_userns_clone=1 (whichever exists)";

    public static string WriteRefused(SandboxMode mode, string said) => mode == SandboxMode.ReadOnly
        ? $"Codex could not write because of its sandbox, which was read-only ({said}). Let the task or its type ask for it: "
        + "\"options\": {\"sandbox\": \"\\\"workspace-write\\\"\"}"
        : $"Codex could not write because of its sandbox: it may write in its working folder only ({said}). Name the "
        + $"folder with the option 'folder', or start the worker without the sandbox: {CodexOptions.UnsafeVariable}=1";

    public static string Unauthorized(string said, string home) => $"Codex was refused: {said.TrimEnd('.')}. {NoLogin(home)}";
}
