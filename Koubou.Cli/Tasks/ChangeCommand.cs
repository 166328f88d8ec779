using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary>A command that changes the tasks whose ids it is given.</summary>
internal static class ChangeCommand
{
    // What the workshop takes in one call.
    private const int IdsMax = 1_000;
    private const string StandardInput = "-";

    public static Argument<string[]> CreateIds() => new("ids")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Ids of tasks; - reads them from standard input, one a line.",
    };

    /// <summary>Sends the ids and tells what became of each.</summary>
    public static async Task<int> RunAsync(
        Session session, string[] given, string path, string done, CancellationToken cancellationToken)
    {
        var ids = await ReadIdsAsync(given, cancellationToken);
        if (ids.Count == 0)
        {
            throw new UsageException("No id was given. See: koubou list");
        }

        var code = ExitCode.Done;
        foreach (var some in ids.Chunk(IdsMax))
        {
            var body = new JsonObject { ["ids"] = new JsonArray([.. some.Select(id => JsonValue.Create(id))]) };
            var reply = await session.Gateway.PostAsync(path, body, cancellationToken);
            var changes = reply.Deserialize(WorkshopJson.Default.ChangesJson)!.Results;
            if (session.AsJson)
            {
                await session.Surface.WriteJsonAsync(reply);
                code = changes.All(change => change.Outcome == "changed") ? code : ExitCode.Failed;
            }
            else
            {
                code = Math.Max(code, await ChangeReport.TellAsync(session, changes, done));
            }
        }

        return code;
    }

    private static async Task<List<string>> ReadIdsAsync(string[] given, CancellationToken cancellationToken)
    {
        if (given is not [StandardInput])
        {
            return [.. given];
        }

        var text = await PromptText.ReadFileAsync(StandardInput, cancellationToken);
        return [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
    }
}
