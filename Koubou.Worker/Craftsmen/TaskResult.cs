namespace Koubou.Worker.Craftsmen;

/// <summary>What an attempt brought.</summary>
/// <param name="Output">The whole output. Null: what was written to the context.</param>
/// <param name="StructuredOutput">The same as JSON, where the task asked for a schema.</param>
public sealed record TaskResult(string? Output, string? StructuredOutput = null)
{
    /// <summary>The output is what was written to the context.</summary>
    public static TaskResult AsWritten { get; } = new((string?)null);

    /// <summary>So that a craftsman can return plain text.</summary>
    public static implicit operator TaskResult(string output) => FromString(output);

    /// <summary>A result that is plain text.</summary>
    public static TaskResult FromString(string output) => new(output);
}
