namespace Koubou.OllamaStandIn;

/// <summary><c>/api/version</c>, <c>/api/tags</c>, <c>/api/ps</c>, <c>/api/show</c>.</summary>
internal static class ModelEndpoints
{
    private const long SizeBytes = 1_629_518_495;

    public static void Map(WebApplication app, StandInServer server)
    {
        app.MapGet("/", () => "Ollama is running");
        app.MapGet("/api/version", () => Results.Json(new { version = server.Version }));
        app.MapGet("/api/tags", () => Results.Json(new { models = server.Models.Values.Select(Tag) }));
        app.MapGet("/api/ps", () => Results.Json(new { models = server.Loaded.Keys.Select(name => Running(name, server)) }));
        app.MapPost("/api/show", http => ShowAsync(http, server));
    }

    private static Dictionary<string, object?> Tag(StandInModel model)
    {
        var tag = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = model.Name,
            ["model"] = model.Name,
            ["modified_at"] = "2026-11-01T09:00:00.123456789+09:00",
            ["size"] = SizeBytes,
            ["digest"] = "8ccf136fdd5298f3ffe2d69862750ea7fb56555fa4d5b18c04e3fa4d82ee09d7",
            ["details"] = Details(),
        };
        AddRemote(tag, model);
        return tag;
    }

    private static Dictionary<string, object?> Running(string name, StandInServer server) => new(StringComparer.Ordinal)
    {
        ["name"] = name,
        ["model"] = name,
        ["size"] = SizeBytes,
        ["digest"] = "8ccf136fdd5298f3ffe2d69862750ea7fb56555fa4d5b18c04e3fa4d82ee09d7",
        ["details"] = Details(),
        ["expires_at"] = "2026-11-01T09:05:00.123456789+09:00",
        ["size_vram"] = 0,
        ["context_length"] = server.ContextLength,
    };

    private static async Task ShowAsync(HttpContext http, StandInServer server)
    {
        var request = await Ndjson.ReadAsync(http, server);
        var name = request.GetProperty("model").GetString()!;
        if (!server.Models.TryGetValue(name, out var model))
        {
            await Ndjson.FailAsync(http, StatusCodes.Status404NotFound, $"model '{name}' not found");
            return;
        }

        var shown = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["license"] = "none",
            ["modelfile"] = $"FROM {name}",
            ["template"] = "{{ .Prompt }}",
            ["details"] = Details(),
            ["model_info"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["general.architecture"] = "gemma2",
                ["gemma2.context_length"] = 8192,
            },
            ["capabilities"] = new[] { "completion" },
        };
        AddRemote(shown, model);
        await http.Response.WriteAsJsonAsync(shown, http.RequestAborted);
    }

    private static object Details() => new
    {
        format = "gguf",
        family = "gemma2",
        families = new[] { "gemma2" },
        parameter_size = "2.6B",
        quantization_level = "Q4_0",
    };

    private static void AddRemote(Dictionary<string, object?> reply, StandInModel model)
    {
        if (model.RemoteHost is not null)
        {
            reply["remote_host"] = model.RemoteHost;
            reply["remote_model"] = model.RemoteModel;
        }
    }
}
