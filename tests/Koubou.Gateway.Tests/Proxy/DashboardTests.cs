using System.Net;
using System.Net.WebSockets;
using System.Text;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Koubou.Gateway.Tests.Proxy;

public sealed class DashboardTests(WorkshopFixture workshop)
{
    private const string Key = "0123456789abcdef";

    [Fact]
    public async Task Dashboard_WebIsThere_PassesPathHostAndBodyThrough()
    {
        await using var web = await StartWebAsync();
        await using var gateway = StartGateway(web);

        var answer = await gateway.Http.GetStringAsync("/dashboard/tasks?state=queued");

        Assert.Equal($"GET /dashboard/tasks?state=queued {gateway.Main.Authority} key:", answer);
    }

    [Fact]
    public async Task Dashboard_KeyOfTheCaller_IsNotPassedOn()
    {
        await using var web = await StartWebAsync();
        await using var gateway = StartGateway(web, ("Koubou:Gateway:ApiKeys:0", "0123456789abcdef"));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard");
        request.Headers.Add("X-Api-Key", "0123456789abcdef");
        var answer = await (await gateway.Http.SendAsync(request)).Content.ReadAsStringAsync();

        Assert.EndsWith("key:", answer);
    }

    [Fact]
    public async Task Dashboard_LearnsWhoReads_FromTheGatewayAlone()
    {
        await using var web = await StartWebAsync();
        await using var gateway = StartGateway(
            web, ("Koubou:Gateway:ApiKeys:0:Name", "ci"), ("Koubou:Gateway:ApiKeys:0:Key", Key), ("Koubou:Gateway:ApiKeys:0:Scopes", "read submit"));
        await using var open = StartGateway(web);

        var keyed = await gateway.Http.ReadAsync(
            "/dashboard", ("X-Api-Key", Key), ("X-Koubou-Key", "boss"), ("X-Koubou-Scopes", "admin"), ("X-Koubou-Test", "scopes"));
        var free = await open.Http.ReadAsync("/dashboard", ("X-Koubou-Key", "boss"), ("X-Koubou-Scopes", "admin"), ("X-Koubou-Test", "scopes"));

        Assert.Equal("ci submit read", await keyed.Raw.Content.ReadAsStringAsync());
        Assert.Equal(" ", await free.Raw.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Dashboard_WithoutKey_LeadsTheBrowserToTheSignIn_WhoseCookieOpensNothingElse()
    {
        await using var web = await StartWebAsync();
        await using var gateway = StartGateway(web, ("Koubou:Gateway:ApiKeys:0", Key));

        var led = await gateway.Http.ReadAsync("/dashboard/tasks?state=failed", ("Accept", "text/html"));
        using var form = new FormUrlEncodedContent([new("key", Key), new("to", "/dashboard/tasks?state=failed")]);
        var signed = await gateway.Http.PostAsync(new Uri("/dashboard/session", UriKind.Relative), form);
        var cookie = Assert.Single(signed.Headers.GetValues("Set-Cookie"));
        var sent = ("Cookie", cookie.Split(';')[0]);

        // A client that keeps no cookies of its own sends only what it is told to.
        using var plain = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false });
        plain.BaseAddress = gateway.Main;

        Assert.Equal("/dashboard/sign-in?to=%2Fdashboard%2Ftasks%3Fstate%3Dfailed", led.Raw.Headers.Location?.OriginalString);
        Assert.Equal("/dashboard/tasks?state=failed", signed.Headers.Location?.OriginalString);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await plain.ReadAsync("/dashboard", sent)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await plain.ReadAsync("/api/v1/status", sent)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await plain.ReadAsync("/dashboard", ("Cookie", "koubou-session=forged"))).Status);
    }

    [Fact]
    public async Task Dashboard_WebSocket_Passes()
    {
        await using var web = await StartWebAsync();
        await using var gateway = StartGateway(web);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new UriBuilder(gateway.Main) { Scheme = "ws", Path = "/dashboard/_blazor" }.Uri, CancellationToken.None);

        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[64];
        var echo = await socket.ReceiveAsync(buffer, CancellationToken.None);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, echo.Count));
    }

    [Fact]
    public async Task Dashboard_WebAway_SaysSoInPlainWords()
    {
        var page = await workshop.Http.ReadAsync("/dashboard", ("Accept", "text/html"));
        var text = await page.Raw.Content.ReadAsStringAsync();
        var program = await workshop.Http.ReadAsync("/dashboard/api");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.Contains("The dashboard is away", text);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, program.Status);
        Assert.Contains("Koubou.Web", program["detail"].GetString());
    }

    [Theory]
    [InlineData("Accept-Language", "ja,en;q=0.8", "ja")]
    [InlineData("Accept-Language", "de,ja;q=0.8", "en")]
    [InlineData("Cookie", "koubou-language=c%3Dja%7Cuic%3Dja", "ja")]
    public async Task Dashboard_WebAway_SpeaksTheReadersLanguage(string header, string value, string language)
    {
        var page = await workshop.Http.ReadAsync("/dashboard", ("Accept", "text/html"), (header, value));
        var text = await page.Raw.Content.ReadAsStringAsync();

        Assert.Contains($"<html lang=\"{language}\">", text);
        Assert.Contains(language == "ja" ? "ダッシュボード" : "The dashboard is away", text);
        Assert.DoesNotMatch(@"\{[a-z]+\}", text);
    }

    [Fact]
    public async Task Dashboard_AddressByServiceDiscovery_IsFound()
    {
        await using var web = await StartWebAsync();
        await using var gateway = workshop.StartGateway(
            ("Koubou:Web:Address", "http://web"), ("services:web:http:0", web.Urls.Single()));

        var answer = await gateway.Http.GetStringAsync("/dashboard");

        Assert.StartsWith("GET /dashboard", answer);
    }

    private GatewayHost StartGateway(WebApplication web, params (string, string)[] settings) =>
        workshop.StartGateway([("Koubou:Web:Address", web.Urls.Single()), .. settings]);

    // Stands in for Koubou.Web: tells what it was asked, and echoes on a socket.
    private static async Task<WebApplication> StartWebAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        web.UseWebSockets();
        web.Run(async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                var request = context.Request;
                if (request.Headers.ContainsKey("X-Koubou-Test"))
                {
                    await context.Response.WriteAsync($"{request.Headers["X-Koubou-Key"]} {request.Headers["X-Koubou-Scopes"]}");
                    return;
                }

                await context.Response.WriteAsync(
                    $"{request.Method} {request.Path}{request.QueryString} {request.Host} key:{request.Headers["X-Api-Key"]}");
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            var part = await socket.ReceiveAsync(buffer, context.RequestAborted);
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, true, context.RequestAborted);
        });
        await web.StartAsync();
        return web;
    }
}
