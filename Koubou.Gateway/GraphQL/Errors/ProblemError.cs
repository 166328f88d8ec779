using GraphQL;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Rest.Native.Keys;

namespace Koubou.Gateway.GraphQL.Errors;

/// <summary>A problem as a GraphQL error: the same kinds and sentences that REST answers with, under <c>extensions</c>.</summary>
internal sealed class ProblemError : ExecutionError
{
    private const string Prefix = "urn:koubou:problem:";
    private const int FaultsShown = 3;

    public ProblemError(Problem problem)
        : base(Sentence(problem))
    {
        Extensions = Describe(problem);
    }

    /// <summary>Sample: <c>{"code": "invalid_request", "status": 400, "errors": {"dataPolicy": ["must be …"]}}</c>.</summary>
    public static Dictionary<string, object?> Describe(Problem problem)
    {
        var extensions = new Dictionary<string, object?>
        {
            ["code"] = problem.Type.StartsWith(Prefix, StringComparison.Ordinal) ? problem.Type[Prefix.Length..] : "refused",
            ["status"] = problem.Status,
        };
        if (problem.Errors is { } errors)
        {
            extensions["errors"] = errors.ToDictionary(fault => Rename(fault.Key), fault => fault.Value);
        }

        if (problem.State is { } state)
        {
            extensions["state"] = state;
        }

        if (problem.RetryAfter is { } wait)
        {
            extensions["retryAfterSeconds"] = wait.TotalSeconds;
        }

        extensions["hint"] = problem.Hint;
        return extensions;
    }

    /// <summary>The faults themselves where there are some, because most clients show nothing but the message.</summary>
    public static string Sentence(Problem problem) => problem.Errors is { } errors
        ? string.Join("; ", errors.Take(FaultsShown).Select(fault => $"{Rename(fault.Key)} {fault.Value[0]}"))
            + (errors.Count > FaultsShown ? $"; and {errors.Count - FaultsShown} more fields" : "")
        : problem.Detail;

    // tasks[3].data_policy -> tasks[3].dataPolicy: the names of this door. Other parts are the client's own words.
    private static string Rename(string field) => string.Join('.', field.Split('.').Select(
        part => TaskFields.Names.Contains(part) || KeyRequestReader.Names.Contains(part) ? GraphQlNames.Camel(part) : part));
}
