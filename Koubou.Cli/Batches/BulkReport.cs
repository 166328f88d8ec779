using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Batches;

/// <summary>Tells how many tasks a change of many has reached.</summary>
internal static class BulkReport
{
    public static async Task TellAsync(Session session, JsonElement reply, string done)
    {
        if (session.AsJson)
        {
            await session.Surface.WriteJsonAsync(reply);
            return;
        }

        var bulk = reply.Deserialize(WorkshopJson.Default.BulkJson)!;
        await session.Surface.Output.WriteLineAsync(
            $"{Figures.Count(bulk.Changed)} {done}{(bulk.PassedOver > 0 ? $", {Figures.Count(bulk.PassedOver)} passed over" : "")}");
    }
}
