namespace Koubou.Worker.Backends.CodexCli;

/// <summary>What a look at Codex saw.</summary>
/// <param name="Version">Such as <c>codex-cli 0.169.0</c>. Null: the program is not there.</param>
/// <param name="Trouble">Why it cannot work. Null: it can.</param>
/// <param name="IsClosed">Its egress is closed, and that was tried out.</param>
internal sealed record CodexState(string? Version, string? Trouble, bool IsClosed = false);
