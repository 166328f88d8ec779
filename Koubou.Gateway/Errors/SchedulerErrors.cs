using Google.Rpc;
using Grpc.Core;

namespace Koubou.Gateway.Errors;

/// <summary>What the scheduler's status codes mean to a client of this gateway: the one place that translates them.</summary>
internal static class SchedulerErrors
{
    private const string TooLargeReason = "TOO_LARGE";

    public static Problem ToProblem(RpcException error, bool single = true) => error.StatusCode switch
    {
        StatusCode.InvalidArgument => InvalidArgument(error, single),
        StatusCode.NotFound => Problems.OfStatus(
            StatusCodes.Status404NotFound, error.Status.Detail, "GET /api/v1/tasks lists the tasks that are kept."),
        StatusCode.FailedPrecondition => Problems.Conflict(error.Status.Detail),
        StatusCode.ResourceExhausted => Exhausted(error),
        StatusCode.Unavailable => Problems.SchedulerAway(Plain(error)),
        StatusCode.Unimplemented => Problems.OfStatus(
            StatusCodes.Status501NotImplemented,
            "The scheduler does not know this call: it is of another version than this gateway.",
            "Run gateway and scheduler of the same version."),
        StatusCode.Unauthenticated => Problems.SchedulerShut(),
        StatusCode.DeadlineExceeded => Problems.SchedulerSlow(),
        _ => Problems.SchedulerFailed(error.StatusCode.ToString()),
    };

    /// <summary>The faults of an INVALID_ARGUMENT; for a single task <c>tasks[0].</c> is cut off.</summary>
    public static FaultList ReadFaults(RpcException error, bool single)
    {
        var faults = new FaultList();
        foreach (var violation in error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations ?? [])
        {
            faults.Add(Rename(single ? CutFirst(violation.Field) : violation.Field), violation.Description);
            if (violation.Reason == TooLargeReason)
            {
                faults.MarkTooLarge();
            }
        }

        if (!faults.Any)
        {
            faults.Add("request", error.Status.Detail);
        }

        return faults;
    }

    private static Problem InvalidArgument(RpcException error, bool single) =>
        Problems.InvalidRequest(ReadFaults(error, single));

    private static Problem Exhausted(RpcException error)
    {
        var info = error.GetRpcStatus()?.GetDetail<RetryInfo>();

        // Without the scheduler's own wish it is the gRPC client that refuses a message over its limit.
        return info is null && error.Status.Detail.Contains("message", StringComparison.OrdinalIgnoreCase)
            ? Problems.InvalidField("page_size", "asks for more than fits one answer; ask for fewer at a time")
            : Problems.Busy(error.Status.Detail, info?.RetryDelay?.ToTimeSpan() ?? TimeSpan.FromSeconds(1));
    }

    private static string CutFirst(string field)
    {
        const string First = "tasks[0].";
        return field.StartsWith(First, StringComparison.Ordinal) ? field[First.Length..] : field;
    }

    // The contract has a span where JSON has a number of seconds.
    private static string Rename(string field) =>
        field is "timeout" || field.EndsWith("].timeout", StringComparison.Ordinal) ? field + "_seconds" : field;

    // The gRPC client's own sentences speak of exceptions; the scheduler's speak of disks and are worth passing on.
    private static string Plain(RpcException error) => error.Status.DebugException is null
        ? error.Status.Detail
        : "The scheduler cannot be reached: it is not running, or still starting.";
}
