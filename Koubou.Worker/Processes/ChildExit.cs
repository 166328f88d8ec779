namespace Koubou.Worker.Processes;

/// <summary>How a program ended by itself.</summary>
/// <param name="Code">Its exit code; above 128 on Unix: 128 and the signal that ended it.</param>
/// <param name="Errors">The end of what it wrote to standard error.</param>
internal sealed record ChildExit(int Code, string Errors);
