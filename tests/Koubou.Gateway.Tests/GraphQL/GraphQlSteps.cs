using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.GraphQL;

/// <summary>Short words for what tests do over GraphQL.</summary>
internal static class GraphQlSteps
{
    public static async Task<JsonElement> AskAsync(this HttpClient http, string query, object? variables = null)
    {
        var answer = await http.PostAsync("/graphql", JsonSerializer.Serialize(new { query, variables }));
        return answer.Body;
    }

    /// <summary>The data of an answer without errors.</summary>
    public static async Task<JsonElement> QueryAsync(this HttpClient http, string query, object? variables = null)
    {
        var answer = await http.AskAsync(query, variables);
        Assert.False(answer.TryGetProperty("errors", out var errors), errors.ToString());
        return answer.GetProperty("data");
    }

    /// <summary>The extensions of the only error of an answer.</summary>
    public static async Task<JsonElement> RefusalAsync(this HttpClient http, string query, object? variables = null)
    {
        var answer = await http.AskAsync(query, variables);
        return Assert.Single(answer.GetProperty("errors").EnumerateArray()).GetProperty("extensions");
    }
}
