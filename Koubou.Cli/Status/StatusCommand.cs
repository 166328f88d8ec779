using System.CommandLine;
using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Status;

/// <summary><c>koubou status</c>: the workshop at a glance.</summary>
internal static class StatusCommand
{
    public static Command Create() =>
        new Command("status", "Show the workshop at a glance: queue, craftsmen, warnings.").Speaks(async (session, cancellationToken) =>
        {
            var reply = await session.Gateway.GetAsync("status", cancellationToken);
            if (session.AsJson)
            {
                await session.Surface.WriteJsonAsync(reply);
                return ExitCode.Done;
            }

            await PrintAsync(session, reply.Deserialize(WorkshopJson.Default.StatusJson)!);
            return ExitCode.Done;
        });

    private static async Task PrintAsync(Session session, StatusJson status)
    {
        var facts = new Rows();
        facts.Add(Cell.Dim("workshop"), $"{session.Gateway.Address}, version {status.Version}, queue {status.Engine}");
        facts.Add(Cell.Dim("running for"), Figures.Since(status.StartedAt, TimeProvider.System.GetUtcNow()));
        facts.Add(Cell.Dim("worker nodes"), Figures.Count(status.Nodes));
        facts.Add(Cell.Dim("craftsmen"), $"{status.SlotsBusy} busy of {status.Slots}");
        foreach (var (state, count) in status.Tasks)
        {
            facts.Add(Cell.Dim(state), count > 0 ? Cell.State(state) with { Text = Figures.Count(count) } : Cell.Dim("0"));
        }

        session.Surface.Write(facts);
        if (status.Warnings.Count == 0 && status.Notice is { } notice)
        {
            session.Surface.WriteLine(Cell.Warning(notice));
        }

        foreach (var warning in status.Warnings)
        {
            session.Surface.WriteLine(Cell.Warning(warning));
        }

        await session.Surface.Output.FlushAsync();
    }
}
