using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>
/// Stands in for the model behind a real master, on loopback: it follows a script instead of thinking. The master itself,
/// with its MCP client, its limits and its habits, is the real program.
/// </summary>
internal sealed class ScriptedMind : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IMindFormat _format;
    private readonly Func<IReadOnlyList<string>, Move> _script;
    private int _moves;

    private ScriptedMind(WebApplication app, IMindFormat format, Func<IReadOnlyList<string>, Move> script) =>
        (_app, _format, _script) = (app, format, script);

    public string Address => _app.Urls.First();

    /// <summary>What tools answered, as the model has read it by now.</summary>
    public IReadOnlyList<string> Results { get; private set; } = [];

    /// <summary>What the user said, as the model has read it.</summary>
    public string Prompt { get; private set; } = "";

    /// <summary>What the program asked for that is not there.</summary>
    public ConcurrentQueue<string> Unanswered { get; } = new();

    /// <param name="format">The API that the master speaks.</param>
    /// <param name="script">The next move, by what tools have answered so far.</param>
    public static async Task<ScriptedMind> StartAsync(IMindFormat format, Func<IReadOnlyList<string>, Move> script)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var mind = new ScriptedMind(app, format, script);
        app.MapPost(format.Path, mind.AnswerAsync);
        app.MapFallback(context =>
        {
            mind.Unanswered.Enqueue($"{context.Request.Method} {context.Request.Path}");
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        return mind;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = (await JsonNode.ParseAsync(context.Request.Body))!;
        Move move = new Move.Say("A title");
        if (_format.IsConversation(request))
        {
            Results = _format.Results(request);
            Prompt = _format.Prompt(request);
            move = _script(Results);
        }

        context.Response.ContentType = "text/event-stream";
        var text = new StringBuilder();
        foreach (var item in _format.Write(move, Interlocked.Increment(ref _moves)))
        {
            text.Append("event: ").Append((string?)item["type"]).Append("\ndata: ").Append(item.ToJsonString()).Append("\n\n");
        }

        await context.Response.WriteAsync(text.ToString());
    }
}
