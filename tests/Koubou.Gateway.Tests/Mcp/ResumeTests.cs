using System.Net.ServerSentEvents;
using System.Text;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Mcp;

/// <summary>A client in a session whose connection breaks in the middle of a call, as the protocol of 2025-11-25 mends it.</summary>
public sealed class ResumeTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Wait_WhoseConnectionBreaks_IsTakenUpByItsLastEvent()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync(McpSteps.Sessions);
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);

        string last;
        using (var call = await SendAsync(HttpMethod.Post, client.SessionId!, content: $$$"""
            {"jsonrpc":"2.0","id":900,"method":"tools/call","params":{"name":"wait","arguments":{"ids":["{{{id}}}"]},"_meta":{"progressToken":1} } }
            """))
        {
            last = (await FirstAsync(call, item => item.Data.Contains("queued", StringComparison.Ordinal))).EventId!;
        }

        await node.CompleteAsync(await node.TakeAsync(), "taken up");
        using var resumed = await SendAsync(HttpMethod.Get, client.SessionId!, last);
        var answer = await FirstAsync(resumed, item => item.Data.Contains("\"id\":900", StringComparison.Ordinal));

        Assert.Contains("taken up", answer.Data, StringComparison.Ordinal);
    }

    private static async Task<SseItem<string>> FirstAsync(HttpResponseMessage response, Predicate<SseItem<string>> wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var stream = await response.Content.ReadAsStreamAsync(patience.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(patience.Token))
        {
            if (wanted(item))
            {
                return item;
            }
        }

        throw new InvalidOperationException("The stream ended before.");
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string session, string? last = null, string? content = null)
    {
        using var request = new HttpRequestMessage(method, "/mcp");
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("Mcp-Session-Id", session);
        request.Headers.Add("MCP-Protocol-Version", McpSteps.Sessions);
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        if (content is not null)
        {
            request.Content = new StringContent(content, Encoding.UTF8, "application/json");
        }

        var response = await workshop.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        return response;
    }
}
