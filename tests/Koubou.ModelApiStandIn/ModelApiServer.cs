using System.Net;
using System.Text.Json;
using Koubou.OllamaStandIn;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Koubou.ModelApiStandIn;

/// <summary>
/// A model server without models, on a real port. Answers are the words of <see cref="Answer"/>; everything that can go
/// wrong with a real one is a property here.
/// </summary>
public sealed class ModelApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IWireFormat _format;

    private ModelApiServer(WebApplication app, IWireFormat format)
    {
        _app = app;
        _format = format;
        app.MapGet(format.ModelsPath, http => ListAsync(http));
        app.MapPost(format.ChatPath, http => ChatAsync(http));
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>What a backend's settings name.</summary>
    public Uri Endpoint => new(Address, _format.Prefix);

    public List<string> Models { get; } = [];

    /// <summary>The key that is asked for. Null: none.</summary>
    public string? Key { get; set; }

    /// <summary>The pieces of the answer to a prompt. Default: <c>Answer to: </c> and the prompt's words.</summary>
    public Func<string, IEnumerable<string>> Answer { get; set; } = prompt =>
        ["Answer", " to:", .. prompt.Split(' ').Select(word => " " + word)];

    /// <summary>Awaited before the piece of that index. Default: no wait.</summary>
    public Func<int, Task> BeforePiece { get; set; } = _ => Task.CompletedTask;

    /// <summary>Refuses chats. Null: answers them.</summary>
    public StandInFault? Fault { get; set; }

    /// <summary>Sends an error event under HTTP 200 after so many pieces.</summary>
    public int? ErrorAfterPieces { get; set; }

    /// <summary>Breaks the connection after so many pieces.</summary>
    public int? BreakAfterPieces { get; set; }

    /// <summary>Chats are answered with a redirect to this place. Null: they are answered.</summary>
    public Uri? RedirectTo { get; set; }

    public SignalLog<StandInRequest> Requests { get; } = new();

    /// <summary>The key of every request.</summary>
    public SignalLog<string?> Keys { get; } = new();

    /// <summary>The prompt of every chat whose client went away before its end.</summary>
    public SignalLog<string> Disconnects { get; } = new();

    /// <summary>Starts on that port of the loopback address. 0: a free one.</summary>
    public static async Task<ModelApiServer> StartAsync(IWireFormat format, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        var server = new ModelApiServer(builder.Build(), format);
        await server._app.StartAsync();
        return server;
    }

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ListAsync(HttpContext http)
    {
        Requests.Add(new StandInRequest(http.Request.Path, ""));
        if (await IsKnownAsync(http))
        {
            await http.Response.WriteAsJsonAsync(_format.ModelList(Models), http.RequestAborted);
        }
    }

    private async Task ChatAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        Requests.Add(new StandInRequest(http.Request.Path, text));
        if (!await IsKnownAsync(http) || await RefuseAsync(http))
        {
            return;
        }

        var body = JsonElement.Parse(text);
        var model = body.GetProperty("model").GetString()!;
        if (!Models.Contains(model))
        {
            await FailAsync(http, new StandInFault(404, "model_not_found", $"The model '{model}' does not exist"));
            return;
        }

        var prompt = _format.PromptOf(body);
        try
        {
            await AnswerAsync(http, model, prompt, WantsUsage(body));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            Disconnects.Add(prompt);
        }
    }

    private static bool WantsUsage(JsonElement body) =>
        body.TryGetProperty("stream_options", out var options) && options.TryGetProperty("include_usage", out var wants)
        && wants.GetBoolean();

    private async Task<bool> IsKnownAsync(HttpContext http)
    {
        var key = _format.KeyOf(http.Request);
        Keys.Add(key);
        if (Key is null || Key == key)
        {
            return true;
        }

        await FailAsync(http, new StandInFault(401, "invalid_api_key", "Incorrect API key provided"));
        return false;
    }

    private async Task<bool> RefuseAsync(HttpContext http)
    {
        if (RedirectTo is { } elsewhere)
        {
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = new Uri(elsewhere, _format.ChatPath).AbsoluteUri;
            return true;
        }

        if (Fault is { } fault)
        {
            await FailAsync(http, fault);
            return true;
        }

        return false;
    }

    private async Task FailAsync(HttpContext http, StandInFault fault)
    {
        http.Response.StatusCode = fault.Status;
        if (fault.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = wait;
        }

        await http.Response.WriteAsJsonAsync(
            _format.Error(fault.Status, fault.Code, fault.Message), http.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext http, string model, string prompt, bool withUsage)
    {
        http.Response.ContentType = "text/event-stream";
        foreach (var item in _format.Begin(model, prompt))
        {
            await SendAsync(http, item);
        }

        var pieces = 0;
        foreach (var piece in Answer(prompt))
        {
            if (ErrorAfterPieces == pieces)
            {
                await SendAsync(http, _format.StreamError("overloaded_error", "Overloaded"));
                return;
            }

            if (BreakAfterPieces == pieces)
            {
                http.Abort();
                return;
            }

            await BeforePiece(pieces).WaitAsync(http.RequestAborted);
            await SendAsync(http, _format.Piece(model, piece));
            pieces++;
        }

        foreach (var item in _format.End(model, prompt, pieces, withUsage))
        {
            await SendAsync(http, item);
        }
    }

    private static async Task SendAsync(HttpContext http, (string? Event, string Data) item)
    {
        var name = item.Event is null ? "" : $"event: {item.Event}\n";
        await http.Response.WriteAsync($"{name}data: {item.Data}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
