namespace Koubou.Worker.Backends.CodexCli.Closed;

/// <summary>For a server inside the worker: signals are the worker's own business.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
