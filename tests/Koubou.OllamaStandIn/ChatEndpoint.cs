using System.Diagnostics;
using System.Globalization;
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
        if (await RefuseAsync(http, server, model))
        {
            return;
        }

        var prompt = request.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
        try
        {
            await AnswerAsync(http, server, model, prompt);
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

    private static async Task AnswerAsync(HttpContext http, StandInServer server, string model, string prompt)
    {
        var began = Stopwatch.GetTimestamp();
        if (server.Loaded.TryAdd(model, value: true))
        {
            await server.WhileLoading().WaitAsync(http.RequestAborted);
            await Task.Delay(server.LoadDelay, http.RequestAborted);
        }

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
            await Ndjson.WriteAsync(http, Line(model, piece, done: false));
            pieces++;
        }

        await Ndjson.WriteAsync(http, LastLine(model, prompt, pieces, loaded, Stopwatch.GetElapsedTime(began)));
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

    private static JsonObject Line(string model, string content, bool done) => new()
    {
        ["model"] = model,
        ["created_at"] = "2026-11-01T00:00:00.123456789Z",
        ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = content },
        ["done"] = done,
    };

    private static JsonObject LastLine(string model, string prompt, int pieces, TimeSpan loaded, TimeSpan total)
    {
        var line = Line(model, "", done: true);
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
