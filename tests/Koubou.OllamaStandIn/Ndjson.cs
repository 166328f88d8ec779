using System.Text.Json;
using System.Text.Json.Nodes;

namespace Koubou.OllamaStandIn;

/// <summary>Writes one JSON object a line, flushed, as Ollama streams.</summary>
internal static class Ndjson
{
    public static void Begin(HttpContext http) => http.Response.ContentType = "application/x-ndjson";

    public static async Task WriteAsync(HttpContext http, JsonObject line)
    {
        await http.Response.WriteAsync(line.ToJsonString() + "\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    /// <summary>Sample: <c>{"error":"model 'gemma2:2b' not found"}</c>.</summary>
    public static async Task FailAsync(HttpContext http, int status, string error)
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(new { error }, http.RequestAborted);
    }

    public static async Task<JsonElement> ReadAsync(HttpContext http, StandInServer server)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        server.Requests.Add(new StandInRequest(http.Request.Path, body));
        return JsonElement.Parse(body);
    }
}
