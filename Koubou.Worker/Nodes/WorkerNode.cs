using Koubou.Worker.Pool;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Nodes;

/// <summary>The node's life: connects, works, and on its way out finishes or gives back what it holds.</summary>
internal sealed partial class WorkerNode(
    NodeConnection connection, CraftsmanPool pool, IOptions<WorkerOptions> options, DrainSignals signals,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<WorkerNode> logger) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        connection.DrainRequested += lifetime.StopApplication;
        await connection.RunAsync(stoppingToken);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        pool.BeginDrain();
        var quiet = pool.WhenQuietAsync();
        if (!quiet.IsCompleted)
        {
            LogDraining(pool.Busy, options.Value.DrainGrace);
            await WithinAsync(quiet, options.Value.DrainGrace, signals.Impatient, cancellationToken);
            pool.GiveBackAll();
            await WithinAsync(quiet, options.Value.FlushTimeout, CancellationToken.None, cancellationToken);
        }

        if (quiet.IsCompleted)
        {
            LogLeft();
        }
        else
        {
            LogLeftUnconfirmed();
        }
    }

    private async Task WithinAsync(Task wanted, TimeSpan limit, CancellationToken hurry, CancellationToken given)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hurry, given);
        await ((Task)wanted.WaitAsync(limit, clock, either.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(LogLevel.Information, "Leaving: {Busy} tasks may finish within {Grace}, the rest is given back")]
    private partial void LogDraining(int busy, TimeSpan grace);

    [LoggerMessage(LogLevel.Information, "Left with nothing in hand")]
    private partial void LogLeft();

    [LoggerMessage(LogLevel.Warning, "Left, but the scheduler did not confirm the last reports; leases will run out")]
    private partial void LogLeftUnconfirmed();
}
