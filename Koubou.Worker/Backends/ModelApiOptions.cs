namespace Koubou.Worker.Backends;

/// <summary>A model server that wants a key. Configuration section <c>Koubou:Worker:Backends:NAME</c>.</summary>
public sealed class ModelApiOptions : BackendOptions
{
    /// <summary>
    /// The key. Default: <c>OPENAI_API_KEY</c> or <c>ANTHROPIC_API_KEY</c> for the makers' own addresses, else none. It is
    /// sent to this backend and never written anywhere.
    /// </summary>
    public string ApiKey { get; set; } = "";

    /// <summary>The longest answer of a task that names no <c>max_tokens</c>. Default: 8192 for Anthropic, else none.</summary>
    public int? OutputTokensMax { get; set; }
}
