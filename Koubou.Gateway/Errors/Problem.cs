using System.Text.Json.Serialization;
using Koubou.Gateway.Rest;

namespace Koubou.Gateway.Errors;

/// <summary>Why a request was refused: problem details as RFC 9457 defines them, with every fault at once.</summary>
public sealed record Problem
{
    /// <summary>A stable name of the kind of problem, for programs.</summary>
    public required string Type { get; init; }

    /// <summary>The kind of problem in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status code.</summary>
    public required int Status { get; init; }

    /// <summary>What went wrong this time, in one sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>Each fault under the field that has it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>What to do next.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hint { get; init; }

    /// <summary>The state that forbids the change.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? State { get; init; }

    /// <summary>When to try again; becomes the Retry-After header.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>This problem as the answer of an endpoint.</summary>
    public IResult ToResult() => new ProblemResult(this);

    /// <summary>Writes this problem as the answer.</summary>
    public Task WriteAsync(HttpContext context)
    {
        SetHeaders(context.Response);
        return context.Response.WriteAsJsonAsync(
            this, RestJson.Relaxed.Problem, "application/problem+json", context.RequestAborted);
    }

    /// <summary>The status and when to come again, whatever the form of the body.</summary>
    public void SetHeaders(HttpResponse response)
    {
        response.StatusCode = Status;
        if (RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(
                System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
