using System.Net;
using System.Net.WebSockets;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.AspNetCore.Hosting;

namespace Koubou.Gateway.Tests.Tls;

/// <summary>The gateway's doors behind a certificate, by Kestrel's own settings.</summary>
public sealed class GatewayTlsTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Doors_WithACertificate_SpeakTls()
    {
        using var authority = new TestAuthority("tests");
        var (certificate, key) = authority.Issue("gateway", "127.0.0.1", "workshop.example");
        await using var gateway = workshop.StartGateway(
            (WebHostDefaults.ServerUrlsKey, "https://127.0.0.1:0"),
            ("Koubou:Gateway:AllowedHosts:0", "workshop.example"),
            ("Kestrel:Certificates:Default:Path", certificate),
            ("Kestrel:Certificates:Default:KeyPath", key));
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new()
        {
            TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority.Certificate },
            RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
        };
        using var http = new HttpClient(handler, disposeHandler: false) { BaseAddress = gateway.Main };

        var status = await http.ReadAsync("/api/v1/status");
        var named = await http.ReadAsync("/api/v1/status", ("Host", "workshop.example"));
        using var socket = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        await socket.ConnectAsync(new UriBuilder(gateway.WebSocket) { Scheme = "wss" }.Uri, invoker, CancellationToken.None);

        Assert.Equal("https", gateway.Main.Scheme);
        Assert.Equal(HttpStatusCode.OK, status.Status);
        Assert.False(status.Raw.Headers.Contains("Strict-Transport-Security"));
        Assert.True(named.Raw.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal(WebSocketState.Open, socket.State);
        await Assert.ThrowsAsync<HttpRequestException>(() => gateway.Http.GetAsync("/api/v1/status"));
    }
}
