using Grpc.Core;

namespace Koubou.Web.Live;

/// <summary>A loop for as long as the process lives; being stopped is no fault, not even in the middle of a call.</summary>
internal abstract class LiveLoop : BackgroundService
{
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await RunOnceAsync(stoppingToken);
            }
        }
        catch (Exception error) when (stoppingToken.IsCancellationRequested
            && error is OperationCanceledException or RpcException)
        {
            // As asked.
        }
    }

    /// <summary>One turn, with the wait that belongs to it.</summary>
    internal abstract Task RunOnceAsync(CancellationToken cancellation);
}
