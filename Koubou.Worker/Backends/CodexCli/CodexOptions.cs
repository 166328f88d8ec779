namespace Koubou.Worker.Backends.CodexCli;

/// <summary>Codex CLI on this node. Configuration section <c>Koubou:Worker:Codex</c>.</summary>
public sealed class CodexOptions
{
    public const string Section = "Koubou:Worker:Codex";

    /// <summary>The variable that lets Codex run without its sandbox, and makes that the default. Only <c>1</c> counts.</summary>
    public const string UnsafeVariable = "CODEX_UNSAFE_ALLOW_NO_SANDBOX";

    /// <summary>Whether the node offers Codex. Default: where the program is found.</summary>
    public bool? Enabled { get; set; }

    /// <summary>The program: a name or a path. Default: <c>codex</c>.</summary>
    public string Command { get; set; } = "codex";

    /// <summary>Its own <c>CODEX_HOME</c>, with login and settings. Default: <c>codex</c> in the workshop's home.</summary>
    public string Home { get; set; } = "";

    /// <summary>The model for tasks that name none. Default: Codex's own choice.</summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// What the commands of Codex may do where neither task nor type says: <c>read-only</c>, <c>workspace-write</c>, or
    /// <c>danger-full-access</c>, which needs <c>CODEX_UNSAFE_ALLOW_NO_SANDBOX=1</c>. Default: <c>read-only</c>; with that
    /// variable <c>danger-full-access</c>.
    /// </summary>
    public string Sandbox { get; set; } = "";

    /// <summary>Lets Codex run on a local model server: <c>ollama</c> or <c>lmstudio</c>. Default: none.</summary>
    public string LocalProvider { get; set; } = "";

    /// <summary>
    /// Whether Codex runs in a network of its own whose one way out leads to the Ollama of this machine; then it counts as
    /// local. Needs Linux, <c>LocalProvider=ollama</c> and a <see cref="Model"/>; where the machine cannot close it in, it does
    /// not run. Default: false.
    /// </summary>
    public bool Closed { get; set; }

    /// <summary>The longest run, whatever the task allows: Codex waits without end for a provider. Default: 30 minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Variables of the worker's environment that Codex may see; its commands do not.</summary>
    public IList<string> PassEnvironment { get; } = ["OPENAI_API_KEY", "CODEX_API_KEY"];

    /// <summary>Further settings of Codex, as <c>-c key=value</c>; a value is TOML.</summary>
    public IDictionary<string, string> Config { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
