using Grpc.Core;
using Koubou.Contracts;
using Microsoft.Extensions.Options;

namespace Koubou.Web.Live;

/// <summary>Holds the one stream of events, for ever: when it breaks, it goes on from the last number seen.</summary>
internal sealed partial class EventFollower(
    TaskQueue.TaskQueueClient scheduler,
    Workshop workshop,
    IOptions<LiveOptions> options,
    TimeProvider clock,
    ILogger<EventFollower> logger) : LiveLoop
{
    private const int DoublingsMax = 10;
    private int _failures;

    internal override async Task RunOnceAsync(CancellationToken cancellation)
    {
        try
        {
            await FollowAsync(cancellation);
        }
        catch (RpcException error) when (!cancellation.IsCancellationRequested)
        {
            if (_failures == 0)
            {
                LogLost(logger, error.StatusCode, error.Status.Detail);
            }
        }

        workshop.Linked(workshop.Current.Link.State == LinkState.Connecting ? LinkState.Connecting : LinkState.Lost);
        await Task.Delay(Backoff(_failures++), clock, cancellation);
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        var seen = workshop.Current.LastSequence;
        var request = new WatchEventsRequest
        {
            FromSequence = seen == 0 ? await FirstSequenceAsync(cancellation) : seen + 1,
        };
        using var call = scheduler.WatchEvents(request, cancellationToken: cancellation);
        await foreach (var batch in call.ResponseStream.ReadAllAsync(cancellation))
        {
            workshop.Apply(batch);
            if (workshop.Current.Link.State != LinkState.Live)
            {
                LogLive(logger, batch.LastSequence);
                workshop.Linked(LinkState.Live);
                _failures = 0;
            }
        }
    }

    /// <summary>A little before now, so that the tail of events is not empty when the dashboard opens.</summary>
    private async Task<long> FirstSequenceAsync(CancellationToken cancellation)
    {
        var status = await scheduler.GetStatusAsync(new StatusRequest(), cancellationToken: cancellation);
        return Math.Max(1, status.LastSequence - options.Value.EventsMax + 1);
    }

    /// <summary>Doubles up to the longest wait, less up to a half by chance, so that pages do not return in step.</summary>
    private TimeSpan Backoff(int failures)
    {
        var wait = options.Value.ReconnectDelay * Math.Pow(2, Math.Min(failures, DoublingsMax));
        wait = wait < options.Value.ReconnectDelayMax ? wait : options.Value.ReconnectDelayMax;
#pragma warning disable CA5394 // Chance spreads load here; it guards nothing.
        return wait * (1 - (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
    }

    [LoggerMessage(LogLevel.Information, "Following events from {Sequence}")]
    private static partial void LogLive(ILogger logger, long sequence);

    [LoggerMessage(LogLevel.Information, "The scheduler is not reached ({Status}: {Detail}); trying again until it answers")]
    private static partial void LogLost(ILogger logger, StatusCode status, string detail);
}
