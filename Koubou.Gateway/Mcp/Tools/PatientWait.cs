using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Scheduling;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>
/// A wait at the scheduler, cut into slices so that the client hears of progress, and taken up again when the scheduler
/// is away for a moment.
/// </summary>
internal sealed class PatientWait(
    TaskQueue.TaskQueueClient scheduler,
    CallLimits limits,
    WaitProgress progress,
    IOptions<McpOptions> options,
    TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How the tasks stand once they are finished, or the time is up.</summary>
    public async Task<WaitReply> WaitAsync(
        RequestContext<CallToolRequestParams> request,
        IReadOnlyList<string> ids,
        bool all,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var slice = TimeSpan.Zero;
        while (true)
        {
            var reply = await TryAsync(ids, all, slice, cancellationToken);
            var elapsed = time.GetElapsedTime(started);
            var left = timeout - elapsed;
            if (reply is { TimedOut: false } || (reply is not null && left <= TimeSpan.Zero))
            {
                return reply;
            }

            await progress.TellAsync(request, reply?.Tasks, elapsed, timeout, cancellationToken);
            if (reply is null)
            {
                await AwayAsync(ids, all, left, cancellationToken);
            }

            slice = left < options.Value.ProgressInterval ? left : options.Value.ProgressInterval;
        }
    }

    // With no time left the scheduler's absence is the answer, as any other call would have it.
    private async Task AwayAsync(IReadOnlyList<string> ids, bool all, TimeSpan left, CancellationToken cancellationToken)
    {
        if (left <= TimeSpan.Zero)
        {
            await CallAsync(ids, all, TimeSpan.Zero, cancellationToken);
        }

        await Task.Delay(Pause, time, cancellationToken);
    }

    private async Task<WaitReply?> TryAsync(
        IReadOnlyList<string> ids, bool all, TimeSpan slice, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(ids, all, slice, cancellationToken);
        }
        catch (RpcException error) when (
            error.StatusCode == StatusCode.Unavailable && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<WaitReply> CallAsync(
        IReadOnlyList<string> ids, bool all, TimeSpan slice, CancellationToken cancellationToken)
    {
        var wait = new WaitRequest
        {
            Ids = { ids },
            All = all,
            Timeout = Duration.FromTimeSpan(slice > TimeSpan.Zero ? slice : TimeSpan.Zero),
        };
        return await scheduler.WaitAsync(wait, limits.Within(slice, cancellationToken));
    }
}
