using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Koubou.Cli.Workshop;

/// <summary>Speaks the workshop's native REST. Whatever is refused becomes a <see cref="WorkshopException"/>.</summary>
internal sealed class GatewayClient(Uri address) : IDisposable
{
    private const string Root = "api/v1";
    private const string ClientHeader = "X-Koubou-Client";

    private readonly HttpClient _http = GatewayAddress.CreateClient(address);

    public Uri Address => _http.BaseAddress!;

    /// <summary>Under whose name tasks come in where no keys are asked for.</summary>
    public void CallMyself(string? client)
    {
        if (!string.IsNullOrWhiteSpace(client))
        {
            _http.DefaultRequestHeaders.Remove(ClientHeader);
            _http.DefaultRequestHeaders.TryAddWithoutValidation(ClientHeader, client);
        }
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        (await GetAsync(path, cancellationToken)).Deserialize(type)!;

    public Task<JsonElement> PostAsync(string path, JsonNode? body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, body, cancellationToken);

    /// <summary>One request with JSON in both directions; an empty answer is an undefined element.</summary>
    public async Task<JsonElement> SendAsync(
        HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await OpenAsync(method, path, content, cancellationToken: cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Sends a request and returns the answer as soon as its head is there. The caller reads and disposes it.</summary>
    public async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method,
        string path,
        HttpContent? content = null,
        string? lastEventId = null,
        CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, $"{Root}/{path}") { Content = content };
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var response = await SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw ProblemText.Read(response, await response.Content.ReadAsStringAsync(cancellationToken), Address);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw Away(error);
        }
    }

    /// <summary>The sentence for a workshop that cannot be reached.</summary>
    public WorkshopException Away(Exception error) => new(
        $"The Koubou workshop does not answer at {Address} ({error.Message}). "
        + "Start it with: dotnet run --project Koubou.AppHost, or name its address with --url. "
        + "koubou doctor looks for the reason.")
    {
        IsAway = true,
    };

    /// <summary>A part of a path that a person typed.</summary>
    public static string Escape(string part) => Uri.EscapeDataString(part);
}
