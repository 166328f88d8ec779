using Google.Rpc;
using Grpc.Core;
using Koubou.Web.Language;
using Microsoft.Extensions.Localization;

namespace Koubou.Web.Calls;

/// <summary>Why the scheduler did not do what was asked.</summary>
/// <param name="Status">The kind of refusal.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Faults">What is wrong with which field of the task; empty unless the request itself was at fault.</param>
public sealed record Refusal(StatusCode Status, string Message, IReadOnlyList<FieldFault> Faults)
{
    private const string FirstTask = "tasks[0].";

    public static Refusal Of(RpcException error, IStringLocalizer<Errors> words)
    {
        FieldFault[] faults =
        [
            .. (error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations ?? [])
                .Select(violation => new FieldFault(Name(violation.Field), violation.Description, violation.Reason)),
        ];

        // What is wrong with a field stands beside it; a request without fields is told as the scheduler put it.
        var said = error.StatusCode == StatusCode.InvalidArgument && !faults.Any(fault => words.OfFault(fault.Field, fault.Reason) is not null)
            ? null
            : words.OfStatus($"{error.StatusCode}");
        return new Refusal(error.StatusCode, said ?? error.Status.Detail, faults);
    }

    private static string Name(string field) =>
        field.StartsWith(FirstTask, StringComparison.Ordinal) ? field[FirstTask.Length..] : field;
}

/// <summary>One fault of one field, by its name in the contract: <c>output_schema</c>.</summary>
public sealed record FieldFault(string Field, string Message, string Reason = "");
