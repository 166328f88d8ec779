using System.Runtime.CompilerServices;
using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Gateway.Events;

/// <summary>
/// The scheduler's log of changes as one endless sequence: after a broken connection it goes on where it stopped. The
/// next batch is fetched only when the reader asks for it, so a slow reader is buffered by the log, not by memory.
/// </summary>
internal sealed partial class EventFeed(
    TaskQueue.TaskQueueClient scheduler, TimeProvider time, ILogger<EventFeed> logger)
{
    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(5);

    /// <summary>Reads what is asked for, from its sequence number on; 0: from now on. Ends only with the token.</summary>
    public async IAsyncEnumerable<EventBatch> ReadAsync(
        WatchEventsRequest wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = wanted.Clone();
        var backoff = BackoffMin;
        while (true)
        {
            using var call = scheduler.WatchEvents(request, cancellationToken: cancellationToken);
            while (await MoveNextAsync(call.ResponseStream, cancellationToken))
            {
                var batch = call.ResponseStream.Current;
                request.FromSequence = batch.LastSequence + 1;
                backoff = BackoffMin;
                yield return batch;
            }

            await Task.Delay(backoff, time, cancellationToken);
            backoff = backoff * 2 < BackoffMax ? backoff * 2 : BackoffMax;
        }
    }

    private async Task<bool> MoveNextAsync(IAsyncStreamReader<EventBatch> stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNext(cancellationToken);
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
        {
            LogBroken(logger, error.StatusCode);
            return false;
        }
        catch (RpcException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "The watch of the event log broke ({Status}); it is taken up again")]
    private static partial void LogBroken(ILogger logger, StatusCode status);
}
