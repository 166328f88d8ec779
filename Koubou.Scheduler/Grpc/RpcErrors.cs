using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Grpc;

/// <summary>How the scheduler's refusals look over gRPC.</summary>
internal static class RpcErrors
{
    private static readonly TimeSpan FullRetryDelay = TimeSpan.FromSeconds(5);

    public static RpcException Invalid(IReadOnlyList<Fault> faults)
    {
        var details = new BadRequest();
        details.FieldViolations.AddRange(faults.Select(fault => new BadRequest.Types.FieldViolation
        {
            Field = fault.Field,
            Description = fault.Message,
            Reason = fault.Reason,
        }));
        var message = faults.Count == 1
            ? $"{faults[0].Field} {faults[0].Message}"
            : $"{faults.Count} faults, the first: {faults[0].Field} {faults[0].Message}";
        return ToException(Code.InvalidArgument, message, details);
    }

    public static RpcException Full(QueueFullException error) => ToException(
        Code.ResourceExhausted, error.Message, new RetryInfo { RetryDelay = Duration.FromTimeSpan(FullRetryDelay) });

    public static RpcException Unusable(StoreUnusableException error) => ToException(Code.Unavailable, error.Message);

    public static RpcException Stopping() =>
        ToException(Code.Unavailable, "The scheduler is stopping. Ask again when it is back; nothing is lost.");

    public static RpcException CallerLeft() => ToException(Code.Cancelled, "The caller left.");

    public static RpcException NotFound(string id) =>
        ToException(Code.NotFound, $"There is no task with the id '{Shorten(id)}'.");

    public static RpcException NoBatch(string id) =>
        ToException(Code.NotFound, $"No task carries the batch id '{Shorten(id)}'.");

    public static RpcException NoNode(string id, IEnumerable<string> known) => ToException(
        Code.NotFound, $"No worker node '{Shorten(id)}' is connected. Connected: {string.Join(", ", known.DefaultIfEmpty("none"))}.");

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";

    public static RpcException NoArtifact(string name, IEnumerable<string> names) => ToException(
        Code.NotFound, $"The task has no artifact '{name}'. It has: {string.Join(", ", names)}.");

    public static RpcException ArtifactGone(string name) => ToException(
        Code.NotFound, $"The content of the artifact '{name}' is not in this workshop; the task came without it.");

    private static RpcException ToException(Code code, string message, params IMessage[] details)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message };
        status.Details.AddRange(details.Select(Any.Pack));
        return status.ToRpcException();
    }
}
