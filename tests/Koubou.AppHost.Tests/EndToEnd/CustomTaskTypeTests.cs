using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Koubou.OllamaStandIn;

namespace Koubou.AppHost.Tests.EndToEnd;

/// <summary>The sample's task type, an entry in the settings and nothing else, through every door.</summary>
public sealed class CustomTaskTypeTests
{
    private const string Type = "release-notes";
    private const string Notes = """{"title":"Faster","notes":["It starts in half the time."]}""";

    [Fact]
    public async Task Type_OfTheSettings_IsAtEveryDoor()
    {
        await using var ollama = await StandInServer.StartAsync();
        ollama.AddModel("gemma2:2b");
        ollama.Answer = _ => [Notes];
        var home = Directory.CreateTempSubdirectory("koubou-type-e2e-");
        Directory.CreateDirectory(Path.Combine(home.FullName, "config"));
        File.Copy(Sample(), Path.Combine(home.FullName, "config", "koubou.json"));
        await using (var workshop = await RunningWorkshop.StartAsync(
            ("OLLAMA_HOST", ollama.Address.ToString()), ("KOUBOU_HOME", home.FullName)))
        {
            await RouteOfItsOwnAsync(workshop, ollama);
            await OpenApiAsync(workshop);
            await GraphQlAsync(workshop);
            await McpAsync(workshop);
            await DashboardAsync(workshop);
        }

        home.Delete(recursive: true);
    }

    private static async Task RouteOfItsOwnAsync(RunningWorkshop workshop, StandInServer ollama)
    {
        using var response = await workshop.Gateway.PostAsJsonAsync($"/task/{Type}", new { prompt = "speed up the start" });
        response.EnsureSuccessStatusCode();
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("task_id").GetString()!;

        var status = await workshop.StatusAsync(id);

        Assert.Equal("completed", status.GetProperty("status").GetString());
        Assert.Equal(Notes, status.GetProperty("result").GetString());
        var chat = JsonElement.Parse(ollama.Requests.Items.Single(request => request.Path == "/api/chat").Body);
        Assert.Equal("object", chat.GetProperty("format").GetProperty("type").GetString());
        Assert.Equal(8192, chat.GetProperty("options").GetProperty("num_ctx").GetInt32());
        var said = chat.GetProperty("messages").EnumerateArray()
            .Select(message => message.GetProperty("content").GetString()!).ToList();
        Assert.Contains(said, text => text.StartsWith("You write release notes", StringComparison.Ordinal));
        Assert.Equal("Write the release notes of these commit messages:\n\nspeed up the start", said[^1]);
    }

    private static async Task OpenApiAsync(RunningWorkshop workshop)
    {
        var document = await workshop.Gateway.GetFromJsonAsync<JsonElement>("/openapi/v1.json");

        var types = document.GetProperty("components").GetProperty("schemas").GetProperty("SubmitTask")
            .GetProperty("properties").GetProperty("type").GetProperty("enum").EnumerateArray();
        Assert.Contains(Type, types.Select(type => type.GetString()));
    }

    private static async Task GraphQlAsync(RunningWorkshop workshop)
    {
        const string Query = "mutation { submitTask(type: \"release-notes\", prompt: \"by GraphQL\") { taskId } }";
        using var response = await workshop.Gateway.PostAsJsonAsync("/graphql", new { query = Query });
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("submitTask")
            .GetProperty("taskId").GetString()!;
        Assert.Equal("completed", (await workshop.StatusAsync(id)).GetProperty("status").GetString());

        using var listed = await workshop.Gateway.PostAsJsonAsync("/graphql", new { query = "{ taskTypes { name description } }" });
        Assert.Contains("Turns commit messages", await listed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task McpAsync(RunningWorkshop workshop)
    {
        using var client = new McpClient(workshop.Gateway);
        await client.InitializeAsync();

        var delegated = await client.CallAsync("delegate", new { prompt = "by MCP", type = Type });
        var seen = await client.CallAsync("workshop_status", new { });

        var id = delegated.GetProperty("structuredContent").GetProperty("id").GetString()!;
        Assert.Equal("completed", (await workshop.StatusAsync(id)).GetProperty("status").GetString());
        Assert.Contains("Turns commit messages", seen.ToString(), StringComparison.Ordinal);
    }

    private static async Task DashboardAsync(RunningWorkshop workshop)
    {
        var page = await workshop.Gateway.GetStringAsync("/dashboard/submit");

        Assert.Contains(Type, page, StringComparison.Ordinal);
    }

    private static string Sample()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "samples")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "samples", "CustomTaskType", "koubou.json");
    }

    /// <summary>As much of an MCP client as one call needs.</summary>
    private sealed class McpClient(HttpClient http) : IDisposable
    {
        private readonly List<IDisposable> _open = [];
        private string? _session;
        private int _id;

        public async Task InitializeAsync()
        {
            await SendAsync("initialize", new
            {
                protocolVersion = "2025-11-25",
                capabilities = new { },
                clientInfo = new { name = "test", version = "1" },
            });
            await SendAsync("notifications/initialized", new { }, isNotification: true);
        }

        public async Task<JsonElement> CallAsync(string tool, object arguments) =>
            (await SendAsync("tools/call", new { name = tool, arguments })).GetProperty("result");

        public void Dispose() => _open.ForEach(each => each.Dispose());

        private async Task<JsonElement> SendAsync(string method, object parameters, bool isNotification = false)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp");
            request.Content = isNotification
                ? JsonContent.Create(new { jsonrpc = "2.0", method, @params = parameters })
                : JsonContent.Create(new { jsonrpc = "2.0", id = ++_id, method, @params = parameters });
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            if (_session is not null)
            {
                request.Headers.Add("Mcp-Session-Id", _session);
            }

            var response = await http.SendAsync(request);
            _open.Add(response);
            response.EnsureSuccessStatusCode();
            _session ??= response.Headers.TryGetValues("Mcp-Session-Id", out var values) ? values.Single() : null;
            var body = await response.Content.ReadAsStringAsync();
            // A JSON body, or the last event of a stream: data: {…}
            var last = body.Split('\n').LastOrDefault(line => line.StartsWith("data:", StringComparison.Ordinal));
            return isNotification ? default : JsonElement.Parse(last is null ? body : last["data:".Length..]);
        }
    }
}
