using System.CommandLine;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Koubou.Cli.Keys;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Keys;

/// <summary>Keys come and go while the gateway runs, by its own API and by the command line.</summary>
public sealed class KeyLifeTests(WorkshopFixture workshop)
{
    private const string Protocol = "graphql-transport-ws";

    [Fact]
    public async Task Keyless_OnThisMachine_IsOpenUntilTheFirstKeyIsMade()
    {
        await using var keyed = new KeyedGateway(workshop);

        var before = await keyed.Http.ReadAsync("/api/v1/status");
        var made = await keyed.Http.PostAsync("/api/v1/keys", """{"name":"ci","scopes":["admin"],"priority_max":7}""");
        var after = await keyed.Http.ReadAsync("/api/v1/status");
        var key = ("X-Api-Key", made["key"].GetString()!);
        var listed = await keyed.Http.ReadAsync("/api/v1/keys", key);
        var entry = Assert.Single(listed["keys"].EnumerateArray());

        Assert.Equal(HttpStatusCode.OK, before.Status);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, after.Status);
        Assert.Equal(("ci", 7), (entry.Text("name"), entry.GetProperty("priority_max").GetInt32()));
        Assert.False(entry.TryGetProperty("key", out _));
        Assert.DoesNotContain(key.Item2[20..], listed.Body.GetRawText());
    }

    [Fact]
    public async Task Revoked_ByTheApi_OpensNothingMore_NorDoesItsAbsence()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Admin);
        var id = (await keyed.Http.ReadAsync("/api/v1/keys", key))["keys"][0].Text("id");

        using var revoke = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/keys/{id}");
        revoke.Headers.Add(key.Name, key.Value);
        using var revoked = await keyed.Http.SendAsync(revoke);
        var after = await keyed.Http.ReadAsync("/api/v1/status", key);
        var keyless = await keyed.Http.ReadAsync("/api/v1/status");

        Assert.Equal(HttpStatusCode.Unauthorized, after.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, keyless.Status);
    }

    [Fact]
    public async Task Revoked_ByTheFile_BreaksWhatItHoldsOpen()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights(), "watcher");
        await using var socket = await SocketClient.ConnectAsync(keyed.Gateway.WebSocket, key);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        request.Headers.Add(key.Name, key.Value);
        using var events = await keyed.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        await keyed.File.RevokeAsync("watcher");

        await Assert.ThrowsAnyAsync<Exception>(() => socket.NextAsync("never").WaitAsync(TimeSpan.FromSeconds(20)));
        await Assert.ThrowsAnyAsync<Exception>(
            () => events.Content.ReadAsStringAsync().WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Expired_OpensNothing()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1) });

        var answer = await keyed.Http.ReadAsync("/api/v1/status", key);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains("expired", answer["detail"].GetString());
    }

    [Fact]
    public async Task BadWishes_AreNamedAllAtOnce()
    {
        await using var keyed = new KeyedGateway(workshop);

        var answer = await keyed.Http.PostAsync(
            "/api/v1/keys",
            """{"name":"","scopes":["submitt"],"priority_max":11,"requests_per_minute":"many","expires_at":"2001-01-01","rate":1}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["expires_at", "name", "priority_max", "rate", "requests_per_minute", "scopes"], answer.FaultFields);
        Assert.Contains("did you mean \"submit\"", answer.Fault("scopes"));
    }

    [Fact]
    public async Task Command_MakesListsAndRevokes()
    {
        await using var keyed = new KeyedGateway(workshop);

        var made = await CommandAsync("keys", "add", "ci", "--scopes", "read,submit", "--expires", "30d", "--home", keyed.Home);
        var key = ("Authorization", "Bearer " + made.Output.Trim());
        var open = await keyed.Http.ReadAsync("/api/v1/status", key);
        var listed = await CommandAsync("keys", "list", "--home", keyed.Home);
        var revoked = await CommandAsync("keys", "revoke", "ci", "--home", keyed.Home);
        var again = await CommandAsync("keys", "revoke", "ci", "--home", keyed.Home);

        Assert.Equal((0, 0, 0, 1), (made.Code, listed.Code, revoked.Code, again.Code));
        Assert.Contains("cannot be shown again", made.Errors);
        Assert.Equal(HttpStatusCode.OK, open.Status);
        Assert.Contains("submit,read", listed.Output);
        Assert.Contains("the doors are now shut", revoked.Errors);
        Assert.Contains("No key of", again.Errors);
    }

    [Fact]
    public async Task GraphQlSocket_TakesTheKeyInItsFirstMessage()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Read);

        using var socket = await ConnectAsync(keyed.Gateway);
        await SendAsync(socket, $$$"""{"type":"connection_init","payload":{"Authorization":"{{{key.Value}}}"}}""");
        var acknowledged = await ReceiveAsync(socket);
        await SendAsync(socket, """{"id":"1","type":"subscribe","payload":{"query":"{ systemStatus { nodes } }"}}""");
        var next = await ReceiveAsync(socket);
        await ReceiveAsync(socket);
        await SendAsync(socket, """{"id":"2","type":"subscribe","payload":{"query":"mutation { submitTask(prompt: \"a\") { id } }"}}""");
        var refused = await ReceiveAsync(socket);

        Assert.Equal("connection_ack", acknowledged.Text("type"));
        Assert.Equal("next", next.Text("type"));
        Assert.Equal("error", refused.Text("type"));
        Assert.Equal("scope_missing", refused.GetProperty("payload")[0].GetProperty("extensions").Text("code"));
    }

    [Theory]
    [InlineData("""{"type":"connection_init"}""", 4403)]
    [InlineData("""{"type":"connection_init","payload":{"authorization":"Bearer kb_abc_def"}}""", 4403)]
    [InlineData("""{"id":"1","type":"subscribe","payload":{"query":"{ systemStatus { nodes } }"}}""", 4401)]
    public async Task GraphQlSocket_WithoutAKey_IsClosed(string message, int code)
    {
        await using var keyed = new KeyedGateway(workshop);
        await keyed.NewKeyAsync(KeyScopes.Read);

        using var socket = await ConnectAsync(keyed.Gateway);
        await SendAsync(socket, message);
        var closed = await socket.ReceiveAsync(new byte[1024], CancellationToken.None);

        Assert.Equal(WebSocketMessageType.Close, closed.MessageType);
        Assert.Equal(code, (int)closed.CloseStatus!);
    }

    private static async Task<ClientWebSocket> ConnectAsync(GatewayHost gateway)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Protocol);
        await socket.ConnectAsync(new UriBuilder(gateway.Main) { Scheme = "ws", Path = "/graphql" }.Uri, CancellationToken.None);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
        return JsonElement.Parse(buffer.AsSpan(0, part.Count));
    }

    private static async Task<(int Code, string Output, string Errors)> CommandAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var root = new RootCommand { KeysCommand.Create() };
        var code = await root.Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }
}
