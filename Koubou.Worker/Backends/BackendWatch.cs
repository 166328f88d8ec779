using Koubou.Worker.Backends.Ollama;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends;

/// <summary>Looks again and again whether the backends are there and which models they hold.</summary>
internal sealed class BackendWatch(OllamaBackend ollama, IOptions<OllamaOptions> options, TimeProvider clock)
    : BackgroundService
{
    public Task RunOnceAsync(CancellationToken cancellationToken) => ollama.ProbeAsync(cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ProbeInterval, clock);
        do
        {
            await RunOnceAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
