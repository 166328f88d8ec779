using Google.Rpc;
using Grpc.Core;

namespace Koubou.Web.Calls;

/// <summary>Why the scheduler did not do what was asked.</summary>
/// <param name="Status">The kind of refusal.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Faults">What is wrong with which field of the task; empty unless the request itself was at fault.</param>
public sealed record Refusal(StatusCode Status, string Message, IReadOnlyList<FieldFault> Faults)
{
    private const string FirstTask = "tasks[0].";

    public static Refusal Of(RpcException error) => new(
        error.StatusCode,
        error.Status.Detail,
        [.. (error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations ?? [])
            .Select(violation => new FieldFault(Name(violation.Field), violation.Description))]);

    private static string Name(string field) =>
        field.StartsWith(FirstTask, StringComparison.Ordinal) ? field[FirstTask.Length..] : field;
}

/// <summary>One fault of one field, by its name in the contract: <c>output_schema</c>.</summary>
public sealed record FieldFault(string Field, string Message);
