using System.Net;
using System.Text;
using System.Text.Json;

namespace Koubou.Cli.Workshop;

/// <summary>Makes sentences of the gateway's problem details, with every fault at once.</summary>
internal static class ProblemText
{
    /// <summary>Sample: <c>The request has faults. 1 fault, in priority.⏎  priority: must be …⏎Mend the …</c>.</summary>
    public static WorkshopException Read(HttpResponseMessage response, string body, Uri address)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            return new WorkshopException(
                $"The Koubou workshop at {address} asks for an API key. Set it in {GatewayAddress.KeyVariable}; "
                + "an administrator makes one with: koubou keys add NAME");
        }

        if (Parse(body) is not { ValueKind: JsonValueKind.Object } problem || !problem.TryGetProperty("title", out _))
        {
            return new WorkshopException(
                $"What answers at {address} is no Koubou workshop, or one in trouble: HTTP status {(int)response.StatusCode}. "
                + "Look at its log, .koubou/logs/gateway.log, or name another address with --url.");
        }

        return new WorkshopException(Write(problem))
        {
            IsUnknown = response.StatusCode == HttpStatusCode.NotFound,
            RetryAfter = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                ? response.Headers.RetryAfter?.Delta
                : null,
        };
    }

    private static string Write(JsonElement problem)
    {
        var text = new StringBuilder(problem.GetProperty("title").GetString());
        if (Word(problem, "detail") is { } detail)
        {
            text.Append(' ').Append(detail);
        }

        if (problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in errors.EnumerateObject())
            {
                text.Append("\n  ").Append(field.Name).Append(": ")
                    .AppendJoin("; ", field.Value.EnumerateArray().Select(sentence => sentence.GetString()));
            }
        }

        if (Word(problem, "hint") is { } hint)
        {
            text.Append('\n').Append(hint);
        }

        return text.ToString();
    }

    private static string? Word(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Parse(string body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
