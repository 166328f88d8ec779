using Koubou.Contracts;

namespace Koubou.Worker.Craftsmen;

/// <summary>An attempt failed, and this is what goes on record.</summary>
public sealed class TaskFailureException : Exception
{
    private TaskFailureException(string code, string message, FailureKind kind, TimeSpan? retryAfter, Exception? inner)
        : base(message, inner)
    {
        Code = code;
        Kind = kind;
        RetryAfter = retryAfter;
    }

    /// <summary>A stable word for programs, such as <c>backend_busy</c>.</summary>
    public string Code { get; }

    public FailureKind Kind { get; }

    /// <summary>The next attempt comes no sooner. Default: when the queue's own backoff says.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Another attempt may succeed.</summary>
    public static TaskFailureException Transient(
        string code, string message, TimeSpan? retryAfter = null, Exception? inner = null) =>
        new(code, message, FailureKind.Transient, retryAfter, inner);

    /// <summary>No other attempt can succeed.</summary>
    public static TaskFailureException Permanent(string code, string message, Exception? inner = null) =>
        new(code, message, FailureKind.Permanent, retryAfter: null, inner);
}
