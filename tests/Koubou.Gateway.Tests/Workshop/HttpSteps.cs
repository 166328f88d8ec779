using System.Net;
using System.Text;
using System.Text.Json;

namespace Koubou.Gateway.Tests.Workshop;

/// <summary>An answer, read whole.</summary>
public sealed record Answer(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Raw)
{
    public JsonElement this[string name] => Body.GetProperty(name);

    /// <summary>The only sentence under that field of a problem.</summary>
    public string Fault(string field) => Assert.Single(Body.GetProperty("errors").GetProperty(field).EnumerateArray()).GetString()!;

    public string[] FaultFields => [.. Body.GetProperty("errors").EnumerateObject().Select(fault => fault.Name).Order()];
}

/// <summary>Short words for what tests do over HTTP.</summary>
internal static class HttpSteps
{
    public static async Task<Answer> ReadAsync(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var body = text.Length > 0 && response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true
            ? JsonElement.Parse(text)
            : default;
        return new Answer(response.StatusCode, body, response);
    }

    public static async Task<Answer> PostAsync(this HttpClient http, string path, string json, params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await (await http.SendAsync(request)).ReadAsync();
    }

    public static async Task<Answer> ReadAsync(this HttpClient http, string path, params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await (await http.SendAsync(request)).ReadAsync();
    }

    /// <summary>Delegates a task of that type and returns its id.</summary>
    public static async Task<string> DelegateAsync(this HttpClient http, string type, string prompt = "Say hello.")
    {
        var answer = await http.PostAsync("/task/delegate", $$"""{"type":"{{type}}","prompt":"{{prompt}}"}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer["task_id"].GetString()!;
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
