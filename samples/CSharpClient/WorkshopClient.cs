using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace CSharpClient;

/// <summary>Speaks the workshop's REST.</summary>
internal sealed class WorkshopClient(Uri address, string? key) : IDisposable
{
    private readonly HttpClient _http = CreateClient(address, key);

    /// <summary>Submits all prompts, or none of them, and returns their ids in the same order.</summary>
    public async Task<IReadOnlyList<string>> SubmitAsync(IEnumerable<string> prompts)
    {
        var batch = new JsonObject
        {
            ["tasks"] = new JsonArray([.. prompts.Select(prompt => new JsonObject { ["prompt"] = prompt })]),
        };
        using var response = await _http.PostAsJsonAsync("api/v1/tasks/batch", batch);
        var reply = await response.Content.ReadFromJsonAsync<JsonObject>();

        // A refusal names every fault at once, each under its field.
        return response.IsSuccessStatusCode
            ? [.. reply!["tasks"]!.AsArray().Select(task => (string)task!["id"]!)]
            : throw new HttpRequestException($"{reply!["title"]} {reply["detail"]} {reply["errors"]?.ToJsonString()}");
    }

    /// <summary>The answer of a task that succeeded.</summary>
    public Task<string> OutputAsync(string id) => _http.GetStringAsync($"api/v1/tasks/{id}/output");

    /// <summary>Hears of every change from now on.</summary>
    public async Task<ChangeSocket> ListenAsync()
    {
        var socket = new ClientWebSocket();
        if (key is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        }

        var door = new UriBuilder(new Uri(_http.BaseAddress!, "ws")) { Scheme = address.Scheme == "https" ? "wss" : "ws" };
        await socket.ConnectAsync(door.Uri, CancellationToken.None);
        return new ChangeSocket(socket);
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient CreateClient(Uri address, string? key)
    {
        var http = new HttpClient { BaseAddress = new Uri(address.AbsoluteUri.TrimEnd('/') + "/") };
        http.DefaultRequestHeaders.Add("X-Koubou-Client", "csharp-sample");
        if (key is not null)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }

        return http;
    }
}
