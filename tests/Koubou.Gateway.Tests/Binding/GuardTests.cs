using System.Net;
using System.Net.WebSockets;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Binding;

public sealed class GuardTests(WorkshopFixture workshop)
{
    private const string Task = """{"prompt":"a"}""";

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8765")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.168.1.20")]
    public async Task Host_OfAnotherMachine_IsRefused(string host)
    {
        var answer = await workshop.Http.ReadAsync("/api/v1/status", ("Host", host));

        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.Status);
        Assert.Contains("Koubou:Gateway:AllowedHosts", answer["hint"].GetString());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:1234")]
    [InlineData("koubou.localhost")]
    [InlineData("127.0.0.1:8765")]
    [InlineData("[::1]:8765")]
    public async Task Host_OfThisMachine_Passes(string host)
    {
        var answer = await workshop.Http.ReadAsync("/api/v1/status", ("Host", host));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task HostAndOrigin_Allowed_Pass()
    {
        await using var gateway = workshop.StartGateway(
            ("Koubou:Gateway:AllowedHosts:0", "tunnel.example"),
            ("Koubou:Gateway:AllowedOrigins:0", "https://tools.example/"));

        var answer = await gateway.Http.PostAsync(
            "/task/delegate", Task, ("Host", "tunnel.example"), ("Origin", "https://tools.example"));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("garbage")]
    public async Task Origin_Foreign_MayNotPost(string origin)
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", Task, ("Origin", origin));

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Equal("urn:koubou:problem:foreign_origin", answer["type"].GetString());
    }

    [Fact]
    public async Task Origin_Own_MayPost()
    {
        var origin = workshop.Gateway.Main.GetLeftPart(UriPartial.Authority);

        var answer = await workshop.Http.PostAsync("/task/delegate", Task, ("Origin", origin));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task Origin_Foreign_MayNotOpenASocket()
    {
        await Assert.ThrowsAsync<WebSocketException>(
            () => SocketClient.ConnectAsync(workshop.Gateway.WebSocket, ("Origin", "http://evil.example")));
    }

    [Fact]
    public async Task Origin_OfOurOtherPort_MayOpenASocket()
    {
        var dashboard = workshop.Gateway.Main.GetLeftPart(UriPartial.Authority);

        await using var socket = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket, ("Origin", dashboard));
    }

    [Fact]
    public async Task GraphQlDoor_Root_LeadsToGraphQl()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = workshop.Gateway.GraphQl };

        var response = await http.GetAsync("/");

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/graphql", response.Headers.Location!.ToString());
    }

    [Fact]
    public async Task MainDoor_Root_LeadsToTheDashboard()
    {
        var response = await workshop.Http.GetAsync("/");

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/dashboard", response.Headers.Location!.ToString());
    }
}
