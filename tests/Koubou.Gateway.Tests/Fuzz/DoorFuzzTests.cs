using System.Net.WebSockets;
using System.Text;
using CsCheck;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Fuzz;

/// <summary>Whatever comes in by whichever door, the answer is a success or a fault of the client's: never a failure of ours.</summary>
public sealed class DoorFuzzTests(WorkshopFixture workshop)
{
    private const int Samples = 120;

    private static readonly string[] TransportSeeds =
    [
        """{"id":"1","type":"subscribe","payload":{"query":"query Q($a: Int) { tasks(first: $a) { nodes { id } } }","operationName":"Q","variables":{"a":3},"extensions":{}}}""",
        """{"id":"1","type":"subscribe","payload":{"query":"subscription { taskEvents(from: 1, types: [\"a\"]) { sequence } }"}}""",
        """{"id":"1","type":"complete"}""",
        """{"type":"ping","payload":{"a":[1]}}""",
        """{"type":"connection_init","payload":{"authorization":"Bearer kb_a_b"}}""",
    ];

    private static readonly string[] McpSeeds =
    [
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delegate","arguments":{"prompt":"a","priority":3,"labels":{"a":"b"}}}}""",
        """{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"wait","arguments":{"ids":["x"],"timeout_seconds":0}}}""",
        """{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"koubou://tasks/x"}}""",
        """{"jsonrpc":"2.0","id":3,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""",
        """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""",
        """{"jsonrpc":"2.0","id":4,"method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"koubou://tasks/{id}"},"argument":{"name":"id","value":"0"}}}""",
    ];

    private static readonly string[] McpVersions = ["2025-06-18", "2025-11-25", "2026-07-28", ""];

    private static readonly string[] Headers =
        ["Accept", "Authorization", "X-Api-Key", "Idempotency-Key", "Last-Event-ID", "X-Koubou-Client", "Range", "If-None-Match", "Cookie", "traceparent", "Origin", "Mcp-Session-Id"];

    [Fact]
    public async Task TransportMessages_Mutated_NeverBreakTheGateway()
    {
        await Gen.Select(Mutated.Of(TransportSeeds).Array[1, 4], Gen.Bool).SampleAsync(
            async sample =>
            {
                var (messages, greeted) = sample;
                using var socket = new ClientWebSocket();
                socket.Options.AddSubProtocol("graphql-transport-ws");
                await socket.ConnectAsync(new UriBuilder(workshop.Gateway.Main) { Scheme = "ws", Path = "/graphql" }.Uri, CancellationToken.None);
                string[] all = greeted ? ["""{"type":"connection_init"}""", .. messages] : messages;
                return await TalkAsync(socket, all) is null or < 1011 or (>= 4400 and < 4500);
            },
            iter: Samples,
            threads: 2);

        Assert.Empty(workshop.Gateway.Errors);
    }

    [Fact]
    public async Task McpBodies_Mutated_NeverBreakTheGateway()
    {
        await Gen.Select(Mutated.Of(McpSeeds), Gen.Int[0, McpVersions.Length - 1].Select(at => McpVersions[at])).SampleAsync(
            async sample =>
            {
                var (body, version) = sample;
                using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = Json(body) };
                request.Headers.Add("Accept", "application/json, text/event-stream");
                if (version.Length > 0)
                {
                    request.Headers.Add("MCP-Protocol-Version", version);
                }

                using var answer = await workshop.Http.SendAsync(request);
                await answer.Content.ReadAsStringAsync();
                return (int)answer.StatusCode < 500;
            },
            iter: Samples,
            threads: 2);

        Assert.Empty(workshop.Gateway.Errors);
    }

    [Fact]
    public async Task Headers_Random_NeverBreakTheGateway()
    {
        string[] paths = ["/api/v1/status", "/api/v1/tasks?page_size=1", "/graphql?query=%7B__typename%7D", "/task/x/status", "/openapi/v1.json", "/"];
        await Gen.Select(Gen.Int[0, Headers.Length - 1], Mutated.Word, Gen.Int[0, paths.Length - 1]).SampleAsync(
            async sample =>
            {
                var (header, value, path) = sample;
                using var request = new HttpRequestMessage(HttpMethod.Get, paths[path]);

                // What no HTTP client would put on the wire never comes in.
                if (!request.Headers.TryAddWithoutValidation(Headers[header], value.ReplaceLineEndings(" ").Replace("\0", "")))
                {
                    return true;
                }

                try
                {
                    using var answer = await workshop.Http.SendAsync(request);
                    return (int)answer.StatusCode < 500;
                }
                catch (HttpRequestException unsendable) when (unsendable.StatusCode is null)
                {
                    return true;
                }
            },
            iter: 2 * Samples,
            threads: 2);

        Assert.Empty(workshop.Gateway.Errors);
    }

    [Fact]
    public async Task Queries_Mutated_NeverBreakTheGateway()
    {
        string[] seeds =
        [
            "/api/v1/tasks?state=queued,running&type=code&label=team%3Dweb&submitted_after=2026-01-01T00:00:00Z&order=priority&page_size=20&page_token=abc",
            "/api/v1/tasks/0193-x?wait=0",
            "/api/v1/tasks/x/output/stream?offset=2:17",
            "/api/v1/tasks/x/artifacts/a/b.txt",
            "/api/v1/batches?page_size=2&page_token=x",
            "/api/v1/metrics?from=2026-01-01T00:00:00Z&step_seconds=60",
            "/api/v1/dead-letter?text=x&finished_before=2026-01-01",
            "/graphql?query=%7Btasks%7Bnodes%7Bid%7D%7D%7D&variables=%7B%22a%22:1%7D&operationName=Q",
        ];
        await Mutated.Of(seeds).SampleAsync(
            async path =>
            {
                if (!Uri.TryCreate(workshop.Gateway.Main, path, out var address) || address.Authority != workshop.Gateway.Main.Authority)
                {
                    return true;
                }

                using var answer = await workshop.Http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
                return (int)answer.StatusCode < 500;
            },
            iter: 2 * Samples,
            threads: 2);

        Assert.Empty(workshop.Gateway.Errors);
    }

    // Sends all and says goodbye; the code that the server closed with, null when it only hung up.
    private static async Task<int?> TalkAsync(ClientWebSocket socket, IEnumerable<string> messages)
    {
        try
        {
            foreach (var message in messages)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, CancellationToken.None);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            var buffer = new byte[16 * 1024];
            while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }

            return (int?)socket.CloseStatus;
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
