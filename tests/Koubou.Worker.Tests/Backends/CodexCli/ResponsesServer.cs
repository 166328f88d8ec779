using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.OllamaStandIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Koubou.Worker.Tests.Backends.CodexCli;

/// <summary>Stands in for the model behind Codex: the Responses API over server-sent events, on loopback.</summary>
internal sealed class ResponsesServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Queue<Func<HttpContext, Task>> _replies = new();
    private readonly Lock _gate = new();

    private ResponsesServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.First() + "/v1";

    /// <summary>Ollama's models by name, each with the host that it is passed on to; empty: none.</summary>
    public Dictionary<string, string> Models { get; } = new(StringComparer.Ordinal) { ["test-model:latest"] = "" };

    /// <summary>The path of everything that was asked.</summary>
    public SignalLog<string> Paths { get; } = new();

    /// <summary>What was asked, in order.</summary>
    public SignalLog<JsonNode> Requests { get; } = new();

    public static async Task<ResponsesServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new ResponsesServer(app);
        app.Use((context, next) =>
        {
            server.Paths.Add(context.Request.Path.Value!);
            return next(context);
        });
        app.MapPost("/v1/responses", server.AnswerAsync);
        app.MapGet("/api/version", () => new { version = "0.13.5" });
        app.MapGet("/api/tags", () => new { models = server.Models.Select(model => Shown(model.Key, model.Value)) });
        app.MapGet("/v1/models", () => new { data = server.Models.Keys.Select(name => new { id = name }) });
        app.MapGet("/api/ps", () => new { models = Array.Empty<object>() });
        app.MapPost("/api/show", (JsonNode question) => server.Models.TryGetValue((string)question["model"]!, out var host)
            ? Results.Ok(Shown((string)question["model"]!, host))
            : Results.NotFound(new { error = $"model '{question["model"]}' not found" }));
        await app.StartAsync();
        return server;
    }

    /// <summary>The next answer is a message.</summary>
    public void Say(string text, int inputTokens = 11, int outputTokens = 7) => Next(context => StreamAsync(
        context,
        $$"""{"type":"message","id":"msg","role":"assistant","content":[{"type":"output_text","text":{{Json(text)}}}]}""",
        inputTokens, outputTokens));

    /// <summary>The next answer is the wish to run a command.</summary>
    /// <param name="command">For a shell.</param>
    /// <param name="wish">Further arguments of the call, as JSON fields.</param>
    public void Run(string command, string wish = "") => Next(context => StreamAsync(
        context,
        $$"""
        {"type":"function_call","id":"fc","call_id":"call","name":"exec_command",
         "arguments":{{Json($$"""{"cmd":{{Json(command)}},"login":false,"yield_time_ms":30000{{wish}}}""")}}}
        """,
        11, 7));

    /// <summary>The next answer is an error.</summary>
    public void Fail(int status, string message) => Next(async context =>
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new { error = new { message, type = "error" } });
    });

    /// <summary>The next answer never comes.</summary>
    public void KeepSilent() => Next(context => Task.Delay(Timeout.Infinite, context.RequestAborted)
        .ContinueWith(_ => { }, TaskScheduler.Default));

    /// <summary>What a command printed, as it was told to the model.</summary>
    public string CommandOutput() => Requests.Items[^1]["input"]!.AsArray()
        .Last(item => (string?)item!["type"] == "function_call_output")!["output"]!.ToString();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static JsonObject Shown(string name, string host) => host.Length > 0
        ? new JsonObject { ["name"] = name, ["remote_host"] = host, ["remote_model"] = name }
        : new JsonObject { ["name"] = name };

    private static string Json(string text) => JsonSerializer.Serialize(text);

    private void Next(Func<HttpContext, Task> reply)
    {
        lock (_gate)
        {
            _replies.Enqueue(reply);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Add((await JsonNode.ParseAsync(context.Request.Body))!);
        Func<HttpContext, Task>? reply;
        lock (_gate)
        {
            _replies.TryDequeue(out reply);
        }

        await (reply ?? throw new InvalidOperationException("Codex asked more often than the test expected."))(context);
    }

    private static async Task StreamAsync(HttpContext context, string item, int inputTokens, int outputTokens)
    {
        var compact = JsonNode.Parse(item)!.ToJsonString();
        context.Response.ContentType = "text/event-stream";
        var text = new StringBuilder();
        Event("response.created", """{"type":"response.created","response":{"id":"r"}}""");
        Event("response.output_item.done", $$"""{"type":"response.output_item.done","output_index":0,"item":{{compact}}}""");
        Event("response.completed",
            $$$$"""
            {"type":"response.completed","response":{"id":"r","usage":{"input_tokens":{{{{inputTokens}}}},"input_tokens_details":{"cached_tokens":0},"output_tokens":{{{{outputTokens}}}},"output_tokens_details":{"reasoning_tokens":0},"total_tokens":{{{{inputTokens + outputTokens}}}}}}}
            """);
        await context.Response.WriteAsync(text.ToString());

        void Event(string name, string data) => text.Append("event: ").Append(name).Append("\ndata: ").Append(data).Append("\n\n");
    }
}
