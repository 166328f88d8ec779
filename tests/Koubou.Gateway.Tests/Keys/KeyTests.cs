using System.Net;
using System.Net.WebSockets;
using System.Text;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;
using Microsoft.Extensions.Configuration;

namespace Koubou.Gateway.Tests.Keys;

public sealed class KeyTests(WorkshopFixture workshop)
{
    private const string Key = "a-key-of-the-test-suite";

    [Theory]
    [InlineData("/api/v1/status")]
    [InlineData("/task/x/status")]
    [InlineData("/dashboard")]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/ws")]
    [InlineData("/nowhere")]
    [InlineData("/health/more")]
    public async Task EveryDoor_WithoutKey_IsShut(string path)
    {
        await using var gateway = Start();

        var answer = await gateway.Http.ReadAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains("Authorization: Bearer", answer["hint"].GetString());
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probes_WithoutKey_Answer(string path)
    {
        await using var gateway = Start();

        var answer = await gateway.Http.ReadAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task Key_InAnyHeader_OpensAndNamesTheClient()
    {
        await using var gateway = Start();
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"anyone:{Key}"));

        foreach (var header in ((string, string)[])
            [("Authorization", $"Bearer {Key}"), ("X-Api-Key", Key), ("Authorization", $"Basic {basic}")])
        {
            var answer = await gateway.Http.PostAsync(
                "/api/v1/tasks", """{"prompt":"a"}""", header, ("X-Koubou-Client", "somebody-else"));
            var record = await gateway.Http.ReadAsync(answer["url"].GetString()!, header);

            Assert.Equal("ci", record["client"].GetString());
        }
    }

    [Theory]
    [InlineData("Authorization", "Bearer wrong")]
    [InlineData("Authorization", "Bearer")]
    [InlineData("Authorization", "Basic ???")]
    [InlineData("Authorization", "Basic YWJj")]
    [InlineData("Authorization", "Digest x")]
    [InlineData("X-Api-Key", "a-key-of-the-test-suit")]
    public async Task Key_Wrong_IsRefused(string name, string value)
    {
        await using var gateway = Start();

        var answer = await gateway.Http.PostAsync("/task/delegate", """{"prompt":"a"}""", (name, value));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
    }

    [Fact]
    public async Task Page_WithoutKey_LetsTheBrowserAsk()
    {
        await using var gateway = Start();

        var answer = await gateway.Http.ReadAsync("/docs", ("Accept", "text/html"));

        Assert.Contains(answer.Raw.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Basic");
    }

    [Fact]
    public async Task Socket_NeedsTheKeyToo()
    {
        await using var gateway = Start();

        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.ConnectAsync(gateway.WebSocket));
        await using var socket = await SocketClient.ConnectAsync(gateway.WebSocket, ("X-Api-Key", Key));
    }

    [Fact]
    public void Ring_PlainKey_IsNamedByItsPlace()
    {
        var key = Assert.Single(Read(("Koubou:Gateway:ApiKeys:0", Key)));

        Assert.Equal("key-0", key.Name);
        Assert.Equal(KeyScopes.Submit | KeyScopes.Read | KeyScopes.Admin, key.Rights.Scopes);
    }

    [Theory]
    [InlineData("Scopes", "submit write", "'write'")]
    [InlineData("PriorityMax", "11", "priority_max must be from 1 to 10")]
    public void Ring_BadRights_AreNamed(string name, string value, string expected)
    {
        var error = Assert.ThrowsAny<InvalidOperationException>(() => Read(
            ("Koubou:Gateway:ApiKeys:0:Name", "ci"),
            ("Koubou:Gateway:ApiKeys:0:Key", Key),
            ($"Koubou:Gateway:ApiKeys:0:{name}", value)));

        Assert.Contains("Koubou:Gateway:ApiKeys:0", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Ring_ShortKey_IsRefusedWithoutShowingIt()
    {
        var error = Assert.ThrowsAny<InvalidOperationException>(() => Read(("Koubou:Gateway:ApiKeys:0", "hunter2")));

        Assert.Contains("Koubou:Gateway:ApiKeys:0 has 7 characters", error.Message);
        Assert.DoesNotContain("hunter2", error.Message);
    }

    [Fact]
    public void Ring_NamelessOrDoubleNames_AreRefused()
    {
        var nameless = Assert.ThrowsAny<InvalidOperationException>(() => Read(("Koubou:Gateway:ApiKeys:0:Key", Key)));
        var twice = Assert.ThrowsAny<InvalidOperationException>(() => Read(
            ("Koubou:Gateway:ApiKeys:0:Key", Key),
            ("Koubou:Gateway:ApiKeys:0:Name", "ci"),
            ("Koubou:Gateway:ApiKeys:1:Key", Key + "2"),
            ("Koubou:Gateway:ApiKeys:1:Name", "CI")));

        Assert.Contains("Koubou:Gateway:ApiKeys:0:Name", nameless.Message);
        Assert.Contains("more than once", twice.Message);
    }

    private static IReadOnlyList<HeldKey> Read(params (string Key, string Value)[] settings) => ConfiguredKeys.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value))
        .Build());

    private GatewayHost Start() => workshop.StartGateway(
        ("Koubou:Gateway:ApiKeys:0:Name", "ci"), ("Koubou:Gateway:ApiKeys:0:Key", Key));
}
