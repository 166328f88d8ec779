using System.Net;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace Koubou.Gateway.Tests.Mcp;

public sealed class BadInputTests(WorkshopFixture workshop)
{
    public static TheoryData<string, string, string> Faults => new()
    {
        { "delegate", "{}", "prompt: is missing or empty" },
        { "delegate", """{"prompt":7,"priority":"high"}""", "priority: must be a whole number from 1 to 10; was \"high\"" },
        { "delegate", """{"prompt":7,"priority":"high"}""", "prompt: must be a text; was 7" },
        { "delegate", """{"prompt":"a","priority":11}""", "priority: must be a whole number from 1 to 10" },
        { "delegate", """{"prompt":"a","type":"codee"}""", "Registered task types: " },
        { "delegate", """{"prompt":"a","promt":"b"}""", "promt: is not a field of a task; did you mean \"prompt\"?" },
        { "delegate", """{"prompt":"a","data_policy":"any"}""", "data_policy: is for a person to loosen" },
        { "delegate", """{"prompt":"a","depends_on":["nothing"]}""", "depends_on" },
        { "delegate", """{"prompt":"a","files":["x"]}""", "need a client that offers roots" },
        { "delegate", """{"prompt":"a","files":"x"}""", "files: must be a list of 1 to 100 paths" },
        { "delegate_many", "{}", "tasks: must be a list of at least one task" },
        { "delegate_many", """{"tasks":[]}""", "tasks: must be a list of at least one task" },
        { "delegate_many", """{"tasks":[{"prompt":"a"},{"prompt":"","priority":0}]}""", "tasks[1].priority: must be" },
        { "delegate_many", """{"tasks":[{"prompt":"a"},7]}""", "tasks[1]: must be an object; was 7" },
        { "delegate_many", """{"tasks":[{"prompt":"a"}],"common":{"data_policy":"any"}}""", "tasks[0].data_policy: is for a person" },
        { "delegate", """{"prompt":"x","options":{"sandbox":"danger-full-access"}}""", "options: sandbox is for a person to loosen" },
        { "delegate_many", """{"tasks":[{"prompt":"a"}],"common":{"options":{"sandbox":"workspace-write"}}}""", "tasks[0].options: sandbox is for" },
        { "delegate_many", """{"tasks":[{"prompt":"a"}],"comon":{}}""", "did you mean \"common\"?" },
        { "wait", "{}", "name the tasks by ids, 1 to 1,000 of them, or by batch_id" },
        { "wait", """{"ids":[]}""", "name the tasks by ids" },
        { "wait", """{"ids":"x"}""", "ids: must be a list of texts; was \"x\"" },
        { "wait", """{"ids":["x"],"timeout_seconds":91}""", "timeout_seconds: must be a whole number from 0 to 90; was 91" },
        { "wait", """{"ids":["x"],"for":"some"}""", "for: must be one of all, any" },
        { "wait", """{"ids":["nothing"]}""", "Next: Ids come from delegate" },
        { "wait", """{"batch_id":"nothing"}""", "No task belongs to the batch 'nothing'" },
        { "get_result", "{}", "id: is missing" },
        { "get_result", """{"id":"nothing"}""", "No task has the id 'nothing'" },
        { "get_result", """{"id":"nothing","offset":-1}""", "offset: must be a whole number" },
        { "list_tasks", """{"states":["done"],"page_size":0}""", "\"done\" is not a state" },
        { "list_tasks", """{"page_token":"x"}""", "page_token: is not one that a previous reply gave" },
        { "cancel", """{"ids":["nothing","neither"]}""", "No task has any of the 2 ids" },
        { "retry", """{"ids":["nothing"],"batch_id":"b"}""", "one of the two" },
        { "workshop_status", """{"verbose":true}""", "verbose: is not an argument of this tool" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Call_WithAFault_TellsTheModelWhatToMend(string tool, string arguments, string expected)
    {
        await using var client = await workshop.Gateway.ConnectAsync();

        var answer = await client.CallAsync(tool, arguments);

        Assert.True(answer.IsError);
        Assert.Contains(expected, answer.Text, StringComparison.Ordinal);
        Assert.Contains("\nNext: ", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/api/v1", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delegate_OfAHugePrompt_IsRefusedWithItsLimit()
    {
        await using var client = await workshop.Gateway.ConnectAsync();

        var answer = await client.CallAsync("delegate", JsonSerializer.Serialize(new { prompt = new string('a', 1024 * 1024 + 1) }));

        Assert.True(answer.IsError);
        Assert.Contains("at most 1,048,576 are taken", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DelegateMany_OverTheBatchLimit_IsRefusedAndEnqueuesNothing()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        var tasks = string.Join(',', Enumerable.Repeat("""{"prompt":"a"}""", 1_001));

        var answer = await client.CallAsync("delegate_many", $$"""{"tasks":[{{tasks}}],"common":{"type":"{{type}}"} }""");
        var listed = await client.CallAsync("list_tasks", $$"""{"types":["{{type}}"]}""");

        Assert.Contains("at most 1000 are taken in one submit", answer.Text, StringComparison.Ordinal);
        Assert.Equal(0, listed["total"].GetInt32());
    }

    [Fact]
    public async Task Call_OfAnUnknownTool_IsAProtocolError()
    {
        await using var client = await workshop.Gateway.ConnectAsync();

        await Assert.ThrowsAsync<McpProtocolException>(() => client.CallAsync("delete_everything"));
    }

    [Fact]
    public async Task Call_WhileTheSchedulerIsAway_SaysSoInsteadOfFailing()
    {
        await using var failing = await WorkshopFixture.StartAsync();
        await using var client = await failing.Gateway.ConnectAsync();
        using var away = failing.Scheduler.Fail("List", new RpcException(new Status(StatusCode.Unavailable, "no disk")));

        var answer = await client.CallAsync("list_tasks");
        var resources = await Assert.ThrowsAsync<McpProtocolException>(() => client.ListResourcesAsync().AsTask());

        Assert.True(answer.IsError);
        Assert.Contains("The scheduler does not answer.", answer.Text, StringComparison.Ordinal);
        Assert.Contains("The scheduler does not answer.", resources.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData(null, "https://evil.example", HttpStatusCode.Forbidden)]
    public async Task Post_FromAForeignPage_IsRefused(string? host, string? origin, HttpStatusCode expected)
    {
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Get, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, "/mcp") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            request.Headers.Host = host;
            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            using var response = await workshop.Http.SendAsync(request);

            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task Session_OfOneKey_IsClosedToAnother()
    {
        await using var gateway = workshop.StartGateway(
            ("Koubou:Gateway:ApiKeys:0:Name", "first"),
            ("Koubou:Gateway:ApiKeys:0:Key", "first-key-of-the-test"),
            ("Koubou:Gateway:ApiKeys:1:Name", "second"),
            ("Koubou:Gateway:ApiKeys:1:Key", "second-key-of-the-test"));
        var type = workshop.NewType();
        await using var client = await gateway.ConnectAsync(
            McpSteps.Sessions, headers: ("Authorization", "Bearer first-key-of-the-test"));
        await client.DelegateAsync(type);

        var record = await gateway.Http.ReadAsync($"/api/v1/tasks?type={type}", ("X-Api-Key", "first-key-of-the-test"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("Mcp-Session-Id", client.SessionId);
        request.Headers.Add("X-Api-Key", "second-key-of-the-test");
        using var stolen = await gateway.Http.SendAsync(request);
        var keyless = await Assert.ThrowsAnyAsync<Exception>(() => gateway.ConnectAsync());

        Assert.Equal("first", record["tasks"][0].Text("client"));
        Assert.Equal(HttpStatusCode.Forbidden, stolen.StatusCode);
        Assert.Contains("401", keyless.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Initialize_ThatIsNone_IsTheClientsFault()
    {
        const string Body = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"}}}""";
        await using var gateway = workshop.StartGateway();

        var answer = await gateway.Http.PostAsync("/mcp", Body, ("Accept", "application/json, text/event-stream"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("params", answer["error"].GetProperty("message").GetString());
        Assert.Empty(gateway.Errors);
    }

    [Theory]
    [InlineData("delegate", """{"prompt":"\ud83d"}""")]
    [InlineData("delegate", """{"\ud83dprompt":"a"}""")]
    [InlineData("delegate", """{"prompt":"a","labels":{"\ud83d":"b"}}""")]
    [InlineData("delegate_many", """{"tasks":[{"prompt":"a"}],"common":{"\udc00type":"code"}}""")]
    [InlineData("wait", """{"ids":["\ud83d"]}""")]
    [InlineData("\\ud83d", "{}")]
    public async Task Call_WithHalfALetter_IsTheClientsFault(string tool, string arguments)
    {
        await using var gateway = workshop.StartGateway();
        await using var client = await gateway.ConnectAsync(McpSteps.Sessions);

        var answer = await gateway.Http.PostAsync(
            "/mcp",
            $$"""{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"{{tool}}","arguments":{{arguments}} } }""",
            ("Accept", "application/json, text/event-stream"), ("Mcp-Session-Id", client.SessionId!));

        Assert.InRange((int)answer.Status, 200, 499);
        Assert.Matches("\"error\":|\"isError\":true", await answer.Raw.Content.ReadAsStringAsync());
        Assert.Empty(gateway.Errors);
    }

    [Fact]
    public async Task Refusals_OfEveryKind_AreNoErrorsInTheLog()
    {
        await using var gateway = workshop.StartGateway();
        await using var client = await gateway.ConnectAsync();

        await client.CallAsync("delegate");
        await Assert.ThrowsAsync<McpProtocolException>(() => client.CallAsync("nothing"));
        await Assert.ThrowsAsync<McpProtocolException>(() => client.ReadResourceAsync("koubou://tasks/nothing").AsTask());
        await Assert.ThrowsAsync<McpProtocolException>(() => client.GetPromptAsync("nothing").AsTask());

        Assert.Empty(gateway.Errors);
    }
}
