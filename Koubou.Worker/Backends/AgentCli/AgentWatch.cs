using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>Looks again and again whether the agents are there and can work.</summary>
internal sealed class AgentWatch(
    Agents agents, Workplaces.Workplaces places, IOptions<AgentOptions> options, TimeProvider clock) : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        places.ClearDead();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ProbeInterval, clock);
        do
        {
            await agents.ProbeAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
