using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Processes.Relays;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Koubou.Worker.Backends.CodexCli.Closed;

/// <summary>
/// The way out of one closed run: an HTTP server on a Unix socket that passes on what Codex asks its model, and nothing
/// else of what an Ollama can do (a pull, a push or a cloud model would carry content away).
/// </summary>
internal sealed class ModelDoor : IAsyncDisposable
{
    /// <summary>Ollama's own; nothing else listens inside the run's network.</summary>
    public const int Port = 11434;

    private const int ConnectionsMax = 32;

    private readonly WebApplication _server;
    private readonly string _folder;

    private ModelDoor(WebApplication server, string folder)
    {
        _server = server;
        _folder = folder;
    }

    public LoopbackRelay Relay => RelayIn(_folder);

    /// <summary>Opens it until it is disposed.</summary>
    public static async Task<ModelDoor> OpenAsync(
        LocalModels models, AssignedTask task, string model, CancellationToken stop)
    {
        await models.DemandAsync(task, model, stop);
        // A short path that only this user may enter: the address of a socket has about 100 bytes.
        var folder = Directory.CreateTempSubdirectory("koubou-door-").FullName;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.ListenUnixSocket(RelayIn(folder).Socket, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var door = new ModelDoor(builder.Build(), folder);
        var passage = new ModelPassage(models, task, model);
        door._server.Run(async http =>
        {
            CallScope.ForTask(task.Id, task.DataPolicy, http.RequestAborted);
            await passage.PassAsync(http);
        });
        try
        {
            await door._server.StartAsync(stop);
            return door;
        }
        catch
        {
            await door.DisposeAsync();
            throw;
        }
    }

    /// <summary>The relay to a door in that folder, be there one or not.</summary>
    public static LoopbackRelay RelayIn(string folder) => new(Path.Combine(folder, "door"), Port);

    public async ValueTask DisposeAsync()
    {
        // The run is over: nobody waits for what is still on its way.
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
