namespace Koubou.Worker.Processes;

/// <summary>What went wrong with a program beyond a bad exit code.</summary>
internal enum ChildFault
{
    /// <summary>It could not be started: not there, not executable, no such folder.</summary>
    NotStarted,

    /// <summary>It ran longer than it may.</summary>
    TimedOut,

    /// <summary>It wrote more than it may.</summary>
    WroteTooMuch,
}

/// <summary>A program did not come to an end of its own. Its whole tree is gone when this is thrown.</summary>
internal sealed class ChildException(ChildFault fault, string message, string errors = "", Exception? inner = null)
    : Exception(message, inner)
{
    public ChildFault Fault { get; } = fault;

    /// <summary>The end of what it wrote to standard error.</summary>
    public string Errors { get; } = errors;
}
