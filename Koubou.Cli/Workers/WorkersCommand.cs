using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Workers;

/// <summary><c>koubou workers</c>: the worker nodes, and what an operator may tell them.</summary>
internal static class WorkersCommand
{
    public static Command Create()
    {
        var command = new Command("workers", "List the worker nodes; drain or resume one, or limit its craftsmen.")
        {
            CreateList("list"),
            CreateControl("drain", "Let a node finish what it has and take no more."),
            CreateControl("resume", "Let a drained node take tasks again."),
            CreateLimit(),
        };
        return command.Speaks(ListAsync);
    }

    private static Command CreateList(string name) =>
        new Command(name, "List the worker nodes, their backends and what each does.").Speaks(ListAsync);

    private static Command CreateControl(string name, string description)
    {
        var id = CreateId();
        return new Command(name, description) { id }.Speaks(async (session, cancellationToken) =>
        {
            var path = $"workers/{GatewayClient.Escape(session.Value(id)!)}/{name}";
            return await TellAsync(session, await session.Gateway.PostAsync(path, null, cancellationToken));
        });
    }

    private static Command CreateLimit()
    {
        var id = CreateId();
        var count = new Argument<int>("craftsmen") { Description = "At most so many; 0 lifts the limit." };
        return new Command("limit", "Set how many craftsmen a node may have, for as long as it runs.") { id, count }
            .Speaks(async (session, cancellationToken) =>
            {
                var body = new JsonObject { ["slots_max"] = session.Value(count) };
                var path = $"workers/{GatewayClient.Escape(session.Value(id)!)}/limits";
                return await TellAsync(session, await session.Gateway.SendAsync(HttpMethod.Put, path, body, cancellationToken));
            });
    }

    private static Argument<string> CreateId() => new("node") { Description = "The node's id, as the list shows it." };

    private static async Task<int> ListAsync(Session session, CancellationToken cancellationToken)
    {
        var reply = await session.Gateway.GetAsync("workers", cancellationToken);
        if (session.AsJson)
        {
            await session.Surface.WriteJsonAsync(reply);
            return ExitCode.Done;
        }

        var workers = reply.Deserialize(WorkshopJson.Default.WorkersJson)!.Workers;
        if (workers.Count == 0)
        {
            await session.Surface.NoteAsync("No worker node is connected. Start one with: dotnet run --project Koubou.Worker");
            return ExitCode.Done;
        }

        session.Surface.Write(Table(workers, TimeProvider.System.GetUtcNow()));
        return ExitCode.Done;
    }

    private static async Task<int> TellAsync(Session session, JsonElement reply)
    {
        if (session.AsJson)
        {
            await session.Surface.WriteJsonAsync(reply);
        }
        else
        {
            session.Surface.Write(Table([reply.Deserialize(WorkshopJson.Default.WorkerJson)!], TimeProvider.System.GetUtcNow()));
        }

        return ExitCode.Done;
    }

    private static Rows Table(IEnumerable<WorkerJson> workers, DateTimeOffset now)
    {
        var rows = new Rows("NODE", "STATE", "BUSY", "CRAFTSMEN", "DONE", "FAILED", "HEARD", "TYPES", "BACKENDS");
        foreach (var worker in workers)
        {
            rows.Add(
                worker.Id,
                worker.Draining ? Cell.Warning("draining") : Cell.Good("ready"),
                Figures.Count(worker.Running.Count),
                $"{worker.Slots} of {worker.SlotsMax}",
                Figures.Count(worker.TasksSucceeded),
                Figures.Count(worker.TasksFailed),
                Figures.Since(worker.LastHeartbeatAt, now),
                string.Join(' ', worker.Capabilities),
                string.Join(", ", worker.Backends.Select(Describe)));
        }

        return rows;
    }

    private static string Describe(BackendJson backend) =>
        $"{backend.Name} ({(backend.Simulated ? "simulated" : backend.Zone)}{(backend.Healthy ? "" : ", ill")})";
}
