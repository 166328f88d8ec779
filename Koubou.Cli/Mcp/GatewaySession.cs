using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Koubou.Cli.Mcp;

/// <summary>
/// What streamable HTTP remembers between messages: the session and the protocol version. When the gateway was restarted
/// and knows the session no more, the client's own greeting is repeated, so that the client notices nothing.
/// </summary>
internal sealed class GatewaySession(HttpClient http) : IDisposable
{
    private const string Path = "mcp";
    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionHeader = "MCP-Protocol-Version";

    private readonly SemaphoreSlim _greeting = new(1, 1);
    private BridgedMessage? _initialize;

    /// <summary>The session; null before the greeting, and with clients that need none.</summary>
    public string? Id { get; private set; }

    private string? Version { get; set; }

    /// <summary>Sends one message. A lost session is opened anew, once.</summary>
    public async Task<HttpResponseMessage> PostAsync(BridgedMessage message, CancellationToken cancellationToken)
    {
        var session = Id;
        var response = await SendAsync(CreatePost(message), cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound || session is null || message.Version is not null)
        {
            return response;
        }

        response.Dispose();
        await RenewAsync(session, cancellationToken);
        return await SendAsync(CreatePost(message), cancellationToken);
    }

    /// <summary>Opens the stream by which the server speaks unasked.</summary>
    public Task<HttpResponseMessage> ListenAsync(CancellationToken cancellationToken) =>
        SendAsync(Create(HttpMethod.Get, Version), cancellationToken);

    /// <summary>Notes what the answer to the greeting says.</summary>
    public void Open(BridgedMessage initialize, HttpResponseMessage response, string answer)
    {
        if (!response.Headers.TryGetValues(SessionHeader, out var ids))
        {
            return;
        }

        _initialize = initialize;
        Id = ids.FirstOrDefault();
        Version = (JsonNode.Parse(answer)?["result"] as JsonObject)?["protocolVersion"]?.GetValue<string>();
    }

    /// <summary>Tells the gateway that the client is gone.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (Id is not null)
        {
            using var response = await SendAsync(Create(HttpMethod.Delete, Version), cancellationToken);
        }
    }

    public void Dispose() => _greeting.Dispose();

    private HttpRequestMessage CreatePost(BridgedMessage message)
    {
        var request = Create(HttpMethod.Post, message.Version ?? Version);
        request.Content = new StringContent(message.Text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        if (message.Method is not null)
        {
            request.Headers.Add("Mcp-Method", BridgedMessage.HeaderText(message.Method));
        }

        if (message.Name is not null)
        {
            request.Headers.Add("Mcp-Name", BridgedMessage.HeaderText(message.Name));
        }

        return request;
    }

    private HttpRequestMessage Create(HttpMethod method, string? version)
    {
        var request = new HttpRequestMessage(method, Path);
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (version is not null)
        {
            request.Headers.Add(VersionHeader, version);
        }

        if (Id is not null && version == Version)
        {
            request.Headers.Add(SessionHeader, Id);
        }

        return request;
    }

    // Several calls may find the session lost at once; the first one renews it for all.
    private async Task RenewAsync(string lost, CancellationToken cancellationToken)
    {
        await _greeting.WaitAsync(cancellationToken);
        try
        {
            if (Id != lost || _initialize is null)
            {
                return;
            }

            (Id, Version) = (null, null);
            using var greeted = await SendAsync(CreatePost(_initialize), cancellationToken);
            await foreach (var answer in EventReader.ReadAsync(greeted, cancellationToken))
            {
                Open(_initialize, greeted, answer);
            }

            var ready = BridgedMessage.Parse("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
            using var accepted = await SendAsync(CreatePost(ready), cancellationToken);
        }
        finally
        {
            _greeting.Release();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
    }
}
