using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.Privacy;

/// <summary>Refuses what a data policy does not admit, and writes each refusal to the audit log.</summary>
internal sealed partial class PolicyAudit(ILogger<PolicyAudit> logger)
{
    private string _nodesLast = "";

    /// <summary>The failure's code.</summary>
    public const string Refused = "policy_refused";

    /// <summary>One refusal: logged, and returned to be thrown. No later attempt can mend it.</summary>
    /// <param name="taskId">The task. Empty: a question of the node itself.</param>
    /// <param name="destination">Where the content would have gone, in words.</param>
    /// <param name="reason">One sentence that says why not.</param>
    public TaskFailureException Refuse(string taskId, string destination, string reason)
    {
        // The node's own looks at a backend repeat themselves every few seconds; tasks are told of each time.
        if (taskId.Length > 0 || Interlocked.Exchange(ref _nodesLast, reason) != reason)
        {
            LogRefused(taskId.Length > 0 ? taskId : "(none)", destination, reason);
        }

        return TaskFailureException.Permanent(Refused, reason);
    }

    /// <summary>The refusal of a zone; with the reason, where something is farther away than it was meant to be.</summary>
    public TaskFailureException RefuseZone(
        string taskId, DataPolicy policy, string destination, Zone zone, string? reason = null) =>
        Refuse(taskId, destination, $"{Sentence(policy, destination, zone)} {reason}".TrimEnd());

    public static string Sentence(DataPolicy policy, string destination, Zone zone) =>
        $"The task's data policy is '{policy.ToWord()}', but {destination} computes in the zone "
        + $"'{zone.ToWord()}'. Nothing was sent.";

    [LoggerMessage(EventId = 4030, EventName = "policy_refused", Level = LogLevel.Warning,
        Message = "AUDIT policy_refused task={TaskId} destination={Destination}: {Reason}")]
    private partial void LogRefused(string taskId, string destination, string reason);
}
