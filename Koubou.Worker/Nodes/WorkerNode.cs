using Koubou.Worker.Pool;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Nodes;

/// <summary>The node's life: connects, works, and on its way out finishes or gives back what it holds.</summary>
internal sealed partial class WorkerNode(
    NodeConnection connection, CraftsmanPool pool, IOptions<WorkerOptions> options, DrainSignals signals,
    TimeProvider clock, ILogger<WorkerNode> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _resting;
    private bool _leaving;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        connection.DrainRequested += () => _ = RestAsync();
        connection.ResumeRequested += Resume;
        await connection.RunAsync(stoppingToken);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _leaving = true;
            _resting?.Cancel();
            pool.BeginDrain();
        }

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

    /// <summary>An operator's drain: the node stays, and what does not finish in the grace time is given back.</summary>
    private async Task RestAsync()
    {
        CancellationTokenSource resumed;
        lock (_gate)
        {
            if (_leaving || _resting is not null)
            {
                return;
            }

            resumed = _resting = new CancellationTokenSource();
            pool.BeginDrain();
        }

        LogResting(pool.Busy, options.Value.DrainGrace);
        await WithinAsync(pool.WhenQuietAsync(), options.Value.DrainGrace, CancellationToken.None, resumed.Token);
        lock (_gate)
        {
            if (!resumed.IsCancellationRequested)
            {
                pool.GiveBackAll();
            }
        }
    }

    private void Resume()
    {
        lock (_gate)
        {
            if (_leaving || _resting is null)
            {
                return;
            }

            _resting.Cancel();
            _resting = null;
            pool.EndDrain();
        }

        LogResumed();
    }

    private async Task WithinAsync(Task wanted, TimeSpan limit, CancellationToken hurry, CancellationToken given)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hurry, given);
        await ((Task)wanted.WaitAsync(limit, clock, either.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(LogLevel.Information, "Leaving: {Busy} tasks may finish within {Grace}, the rest is given back")]
    private partial void LogDraining(int busy, TimeSpan grace);

    [LoggerMessage(LogLevel.Information,
        "Drained by an operator: {Busy} tasks may finish within {Grace}, the rest is given back; no more are taken")]
    private partial void LogResting(int busy, TimeSpan grace);

    [LoggerMessage(LogLevel.Information, "Resumed by an operator: takes tasks again")]
    private partial void LogResumed();

    [LoggerMessage(LogLevel.Information, "Left with nothing in hand")]
    private partial void LogLeft();

    [LoggerMessage(LogLevel.Warning, "Left, but the scheduler did not confirm the last reports; leases will run out")]
    private partial void LogLeftUnconfirmed();
}
