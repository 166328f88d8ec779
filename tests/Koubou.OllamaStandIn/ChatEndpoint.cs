using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Koubou.OllamaStandIn;

/// <summary><c>/api/chat</c>, streamed.</summary>
internal static class ChatEndpoint
{
    public static void Map(WebApplication app, StandInServer server) =>
        app.MapPost("/api/chat", http => ChatAsync(http, server));

    private static async Task ChatAsync(HttpContext http, StandInServer server)
    {
        var request = await Ndjson.ReadAsync(http, server);
        var model = request.GetProperty("model").GetString()!;
        if (await RefuseAsync(http, server, model) || await RefuseLongAsync(http, server, request))
        {
            return;
        }

        var prompt = request.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
        try
        {
            using var inside = await server.EnterAsync(http.RequestAborted);
            await AnswerAsync(http, server, model, prompt, ModelMemory.RunnerOf(request));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            server.Disconnects.Add(prompt);
        }
    }

    private static async Task<bool> RefuseAsync(HttpContext http, StandInServer server, string model)
    {
        if (server.BusyChats > 0)
        {
            server.BusyChats--;
            if (server.BusyRetryAfter is { } seconds)
            {
                http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            await Ndjson.FailAsync(http, 503, "server busy, please try again.  maximum pending requests exceeded");
            return true;
        }

        if (server.RedirectTo is { } elsewhere)
        {
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = new Uri(elsewhere, "api/chat").AbsoluteUri;
            return true;
        }

        if (server.ChatFault is { } fault)
        {
            await Ndjson.FailAsync(http, (int)fault.Status, fault.Error);
            return true;
        }

        if (!server.Models.ContainsKey(model))
        {
            await Ndjson.FailAsync(http, 404, $"model '{model}' not found");
            return true;
        }

        return false;
    }

    // With truncate, which is the default, a real one cuts the oldest messages without a word.
    private static async Task<bool> RefuseLongAsync(HttpContext http, StandInServer server, JsonElement request)
    {
        var truncates = !request.TryGetProperty("truncate", out var truncate) || truncate.GetBoolean();
        var room = request.TryGetProperty("options", out var options) && options.TryGetProperty("num_ctx", out var asked)
            ? asked.GetInt32()
            : server.ContextLength;
        var words = request.GetProperty("messages").EnumerateArray()
            .Sum(message => message.GetProperty("content").GetString()!.Split(' ').Length);
        if (truncates || words <= room)
        {
            return false;
        }

        await Ndjson.FailAsync(http, 400, "the input length exceeds the context length");
        return true;
    }

    private static async Task AnswerAsync(
        HttpContext http, StandInServer server, string model, string prompt, string runner)
    {
        var began = Stopwatch.GetTimestamp();
        using var use = await server.Memory.UseAsync(model, runner, http.RequestAborted);
        var loaded = Stopwatch.GetElapsedTime(began);
        Ndjson.Begin(http);
        var pieces = 0;
        foreach (var piece in server.Answer(prompt))
        {
            if (await BreakAsync(http, server, pieces))
            {
                return;
            }

            await server.BeforePiece(pieces).WaitAsync(http.RequestAborted);
            await Task.Delay(server.PieceDelay, http.RequestAborted);
            await Ndjson.WriteAsync(http, Line(server, model, piece, done: false));
            pieces++;
        }

        await Ndjson.WriteAsync(http, LastLine(server, model, prompt, pieces, loaded, Stopwatch.GetElapsedTime(began)));
    }

    private static async Task<bool> BreakAsync(HttpContext http, StandInServer server, int pieces)
    {
        if (server.ErrorAfterPieces == pieces)
        {
            await Ndjson.WriteAsync(http, new JsonObject { ["error"] = "llama runner process has terminated" });
            return true;
        }

        if (server.BreakAfterPieces == pieces)
        {
            http.Abort();
            return true;
        }

        return false;
    }

    private static JsonObject Line(StandInServer server, string model, string content, bool done)
    {
        var line = new JsonObject
        {
            ["model"] = model,
            ["created_at"] = "2026-11-01T00:00:00.123456789Z",
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = content },
            ["done"] = done,
        };
        if (server.SecretRemoteHost is { } host)
        {
            line["remote_model"] = model;
            line["remote_host"] = host.Length > 0 ? host : null;
        }

        return line;
    }

    private static JsonObject LastLine(
        StandInServer server, string model, string prompt, int pieces, TimeSpan loaded, TimeSpan total)
    {
        var line = Line(server, model, "", done: true);
        line["done_reason"] = "stop";
        line["total_duration"] = Nanoseconds(total);
        line["load_duration"] = Nanoseconds(loaded);
        line["prompt_eval_count"] = prompt.Split(' ').Length;
        line["prompt_eval_duration"] = 1_000_000;
        line["eval_count"] = pieces;
        line["eval_duration"] = Nanoseconds(total - loaded);
        return line;
    }

    private static long Nanoseconds(TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;
}
