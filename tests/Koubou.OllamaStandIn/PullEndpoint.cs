using System.Text.Json.Nodes;

namespace Koubou.OllamaStandIn;

/// <summary><c>/api/pull</c>: manifest, two layers that grow, verification, success.</summary>
internal static class PullEndpoint
{
    private static readonly (string Digest, long Total)[] Layers =
        [("sha256:7462734796d6", 1_600_000_000), ("sha256:e0a42594d802", 400_000)];

    public static void Map(WebApplication app, StandInServer server) =>
        app.MapPost("/api/pull", http => PullAsync(http, server));

    private static async Task PullAsync(HttpContext http, StandInServer server)
    {
        var request = await Ndjson.ReadAsync(http, server);
        var name = request.GetProperty("model").GetString()!;
        Ndjson.Begin(http);
        await WriteAsync(http, server, new JsonObject { ["status"] = "pulling manifest" });
        if (server.PullError is { } error)
        {
            await Ndjson.WriteAsync(http, new JsonObject { ["error"] = error });
            return;
        }

        foreach (var (digest, total) in Layers)
        {
            for (var part = 0; part <= 4; part++)
            {
                await WriteAsync(http, server, new JsonObject
                {
                    ["status"] = "pulling " + digest[7..],
                    ["digest"] = digest,
                    ["total"] = total,
                    ["completed"] = total * part / 4,
                });
            }
        }

        await WriteAsync(http, server, new JsonObject { ["status"] = "verifying sha256 digest" });
        await WriteAsync(http, server, new JsonObject { ["status"] = "writing manifest" });
        server.AddModel(name);
        await WriteAsync(http, server, new JsonObject { ["status"] = "success" });
    }

    private static async Task WriteAsync(HttpContext http, StandInServer server, JsonObject line)
    {
        await server.BeforePullLine(line.ToJsonString()).WaitAsync(http.RequestAborted);
        await Ndjson.WriteAsync(http, line);
    }
}
