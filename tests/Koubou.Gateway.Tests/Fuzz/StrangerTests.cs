using System.Text;
using CsCheck;
using Koubou.Gateway.Tests.Keys;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Fuzz;

/// <summary>
/// A key that may submit and not read asks about somebody else's task in every way that chance thinks of, knowing its id:
/// nothing of the task ever comes back, and nothing happens to it.
/// </summary>
public sealed class StrangerTests(WorkshopFixture workshop)
{
    private const string Secret = "s3cret-of-another-client";
    private const int Samples = 150;

    [Fact]
    public async Task Requests_OfAStranger_ShowNothingOfAnothersTask()
    {
        await using var keyed = new KeyedGateway(workshop);
        var owner = await keyed.NewKeyAsync(KeyScopes.Submit | KeyScopes.Read);
        var stranger = await keyed.NewKeyAsync(KeyScopes.Submit);
        var type = workshop.NewType();
        var id = (await keyed.Http.PostAsync(
            "/api/v1/tasks", $$$"""{"type":"{{{type}}}","prompt":"{{{Secret}}}","idempotency_key":"{{{Secret}}}","labels":{"a":"{{{Secret}}}"}}""", owner))["id"].GetString()!;

        await Gen.Select(Mutated.Of(Bodies(id, type)), Gen.Int[0, Paths(id).Length - 1], Gen.Bool).SampleAsync(
            async sample =>
            {
                var (body, path, post) = sample;
                using var request = new HttpRequestMessage(post ? HttpMethod.Post : HttpMethod.Get, Paths(id)[path]);
                request.Headers.Add(stranger.Name, stranger.Value);
                request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream;q=0.5");
                if (post)
                {
                    request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                }

                using var answer = await keyed.Http.SendAsync(request);
                return (int)answer.StatusCode < 500
                    && !(await answer.Content.ReadAsStringAsync()).Contains(Secret, StringComparison.Ordinal);
            },
            iter: Samples,
            threads: 2);
        var record = await keyed.Http.ReadAsync($"/api/v1/tasks/{id}", owner);

        Assert.Equal(("queued", Secret), (record["state"].GetString(), record["prompt"].GetString()));
    }

    [Fact]
    public async Task SocketMessages_OfAReader_ChangeNothing()
    {
        await using var keyed = new KeyedGateway(workshop);
        var reader = await keyed.NewKeyAsync(KeyScopes.Read);
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var socket = await SocketClient.ConnectAsync(keyed.Gateway.WebSocket, reader);

        await Mutated.Of(
            $$$"""{"type":"cancel_task","payload":{"task_id":"{{{id}}}"}}""",
            $$$"""{"type":"submit_task","payload":{"type":"{{{type}}}","prompt":"a"}}""").SampleAsync(
            async message =>
            {
                // Half a surrogate pair would already be another text on the wire.
                await socket.SendAsync(message);
                await socket.SendAsync("""{"type":"ping"}""");
                await socket.NextAsync("pong");
                return true;
            },
            iter: Samples,
            threads: 1);
        var tasks = await workshop.Http.ReadAsync($"/api/v1/tasks?type={type}");

        Assert.Equal(("queued", 1), (tasks["tasks"][0].Text("state"), tasks["total"].GetInt32()));
    }

    private static string[] Paths(string id) =>
    [
        $"/task/{id}/status", $"/api/v1/tasks/{id}", $"/api/v1/tasks/{id}/output", $"/api/v1/tasks/{id}/output/stream",
        $"/api/v1/tasks/{id}/artifacts/x", "/api/v1/tasks", "/api/v1/tasks/batch", "/api/v1/tasks/cancel", "/api/v1/tasks/retry",
        $"/api/v1/tasks/{id}/cancel", $"/api/v1/tasks/{id}/retry", "/api/v1/events?from=1", "/api/v1/export", "/api/v1/dead-letter",
        "/api/v1/settings", "/api/v1/keys", "/graphql", "/graphql?query=%7Btasks%7Bnodes%7Bprompt%7D%7D%7D", "/mcp", "/task/delegate",
    ];

    private static string[] Bodies(string id, string type) =>
    [
        $$"""{"type":"{{type}}","prompt":"a","depends_on":["{{id}}"],"pass_outputs":true,"idempotency_key":"k"}""",
        $$"""{"ids":["{{id}}"]}""",
        $$"""{"query":"mutation { cancelTask(id: \"{{id}}\") { id state } retryTask(id: \"{{id}}\") { id } deleteTask(id: \"{{id}}\") { id } }"}""",
        $$"""{"query":"{ task(id: \"{{id}}\") { prompt labels idempotencyKey } }"}""",
        $$"""[{"query":"{ task(id: \"{{id}}\") { prompt } }"},{"query":"mutation { cancelTasks(ids: [\"{{id}}\"]) { outcome } }"}]""",
        """{"query":"subscription { taskEvents(from: 1) { change { task { prompt } } } }"}""",
        $$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_result","arguments":{"id":"{{{{id}}}}"}}}""",
        $$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"cancel","arguments":{"ids":["{{{{id}}}}"]}}}""",
        $$$"""{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"koubou://tasks/{{{id}}}"}}""",
    ];
}
