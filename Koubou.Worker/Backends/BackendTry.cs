using Koubou.Contracts;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends;

/// <summary>A backend that was asked, or was not allowed to be, and why it did not answer.</summary>
internal sealed record BackendTry(string Backend, string Model, Zone Zone, Exception Fault)
{
    /// <summary>What is told first: what another attempt may mend, then what waits, then the rest, refusals last.</summary>
    public int Rank => Fault switch
    {
        TaskFailureException { Kind: FailureKind.Transient } => 0,
        GiveBackException => 1,
        TaskFailureException { Code: not PolicyAudit.Refused } => 2,
        _ => 3,
    };

    private string Code => Fault switch
    {
        TaskFailureException failure => failure.Code,
        GiveBackException giveBack => giveBack.Code,
        _ => "craftsman_error",
    };

    public TriedBackend ToRecord() => new()
    {
        Backend = Backend,
        Model = Model,
        Error = Failures.Error(Code, Fault.Message,
            Fault is TaskFailureException failure ? failure.Kind : FailureKind.Transient),
    };

    /// <summary>The fault of the one, with what the others said.</summary>
    public static Exception Combine(BackendTry told, IReadOnlyList<BackendTry> all)
    {
        var others = all.Where(one => one != told).Select(one => $"Tried before: {one.Backend}: {one.Fault.Message}").ToList();
        if (others.Count == 0)
        {
            return told.Fault;
        }

        var message = $"{told.Fault.Message} {string.Join(' ', others)}";
        return told.Fault switch
        {
            GiveBackException giveBack => new GiveBackException(giveBack.Code, message, giveBack.RetryAfter, giveBack),
            TaskFailureException { Kind: FailureKind.Transient } failure =>
                TaskFailureException.Transient(failure.Code, message, failure.RetryAfter, failure),
            TaskFailureException failure => TaskFailureException.Permanent(failure.Code, message, failure),
            _ => told.Fault,
        };
    }
}
