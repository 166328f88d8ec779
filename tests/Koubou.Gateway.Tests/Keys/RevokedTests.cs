using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Keys;

/// <summary>What a key holds open ends with the key, whichever door it came in by.</summary>
public sealed class RevokedTests(WorkshopFixture workshop)
{
    private const string Subscription = "subscription { taskEvents { sequence } }";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/tasks/{id}/output/stream")]
    public async Task EventStream_Ends(string path)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights(), "watcher");
        var id = await workshop.Http.DelegateAsync(workshop.NewType());
        using var request = new HttpRequestMessage(HttpMethod.Get, path.Replace("{id}", id));
        request.Headers.Add(key.Name, key.Value);
        using var stream = await keyed.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        await keyed.File.RevokeAsync("watcher");

        await EndsAsync(stream);
    }

    [Fact]
    public async Task GraphQlStream_Ends()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights(), "watcher");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql");
        request.Content = new StringContent(JsonSerializer.Serialize(new { query = Subscription }), Encoding.UTF8, "application/json");
        request.Headers.Add(key.Name, key.Value);
        request.Headers.Add("Accept", "text/event-stream");
        using var stream = await keyed.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        await keyed.File.RevokeAsync("watcher");

        await EndsAsync(stream);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GraphQlSocket_Ends_HoweverItsKeyCame(bool inItsFirstMessage)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights(), "watcher");
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("graphql-transport-ws");
        if (!inItsFirstMessage)
        {
            socket.Options.SetRequestHeader(key.Name, key.Value);
        }

        await socket.ConnectAsync(new UriBuilder(keyed.Gateway.Main) { Scheme = "ws", Path = "/graphql" }.Uri, CancellationToken.None);
        await SendAsync(socket, inItsFirstMessage
            ? new { type = "connection_init", payload = new { authorization = key.Value } }
            : new { type = "connection_init" });
        await SendAsync(socket, new { id = "1", type = "subscribe", payload = new { query = Subscription } });
        var buffer = new byte[4096];
        await socket.ReceiveAsync(buffer, CancellationToken.None);
        await socket.ReceiveAsync(buffer, CancellationToken.None);

        await keyed.File.RevokeAsync("watcher");

        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            // Changes of other tests may still be on their way.
            while (true)
            {
                await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Bound);
            }
        });
    }

    [Fact]
    public async Task McpStream_Ends()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights(), "watcher");
        using var begin = Mcp(HttpMethod.Post, key);
        begin.Content = new StringContent(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""",
            Encoding.UTF8,
            "application/json");
        using var begun = await keyed.Http.SendAsync(begin);
        using var listen = Mcp(HttpMethod.Get, key);
        listen.Headers.Add("Mcp-Session-Id", begun.Headers.GetValues("Mcp-Session-Id"));
        using var stream = await keyed.Http.SendAsync(listen, HttpCompletionOption.ResponseHeadersRead);

        await keyed.File.RevokeAsync("watcher");

        await EndsAsync(stream);
    }

    private static HttpRequestMessage Mcp(HttpMethod method, (string Name, string Value) key)
    {
        var request = new HttpRequestMessage(method, "/mcp");
        request.Headers.Add(key.Name, key.Value);
        request.Headers.Add("Accept", "application/json, text/event-stream");
        return request;
    }

    private static async Task EndsAsync(HttpResponseMessage stream)
    {
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        await Assert.ThrowsAsync<HttpRequestException>(() => stream.Content.ReadAsStringAsync().WaitAsync(Bound));
    }

    private static Task SendAsync(ClientWebSocket socket, object message) => socket.SendAsync(
        JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, CancellationToken.None);
}
