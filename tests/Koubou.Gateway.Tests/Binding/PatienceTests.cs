using System.Net;
using System.Net.Sockets;
using System.Text;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Binding;

/// <summary>Requests end: slow heads, slow bodies, large bodies.</summary>
public sealed class PatienceTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Body_ThatNeverEnds_IsGivenUp()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:Limits:RequestTimeout", "00:00:01"));

        var answer = await SpeakAsync(
            gateway, "POST /task/delegate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");

        Assert.StartsWith("HTTP/1.1 504", answer);
        Assert.Contains("request_timeout", answer);
    }

    [Fact]
    public async Task Head_ThatNeverEnds_IsGivenUp()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:Limits:HeadersTimeout", "00:00:01"));

        var answer = await SpeakAsync(gateway, "GET /api/v1/status HTTP/1.1\r\nHost: local");

        Assert.StartsWith("HTTP/1.1 408", answer);
    }

    [Fact]
    public async Task Wait_LongerThanTheTimeout_IsHeldAllTheSame()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:Limits:RequestTimeout", "00:00:01"));
        var type = workshop.NewType();
        var id = await gateway.Http.DelegateAsync(type);

        var answer = await gateway.Http.ReadAsync($"/task/{id}/status?wait=1.5");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task Body_LargerThanItsEndpointReads_IsRefused()
    {
        using var large = new ByteArrayContent(new byte[70 * 1024]);
        large.Headers.ContentType = new("application/json");

        var answer = await (await workshop.Http.PostAsync("/api/v1/keys", large)).ReadAsync();

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
    }

    private static async Task<string> SpeakAsync(GatewayHost gateway, string words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Main.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(words));
        var buffer = new byte[8 * 1024];
        var length = await stream.ReadAtLeastAsync(buffer, 400, throwOnEndOfStream: false).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
