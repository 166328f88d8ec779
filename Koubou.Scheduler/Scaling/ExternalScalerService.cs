using Grpc.Core;
using Koubou.Contracts;
using Koubou.Contracts.Scaling;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;
using Koubou.ServiceDefaults.Scheduling;

namespace Koubou.Scheduler.Scaling;

/// <summary>Tells KEDA how many tasks wait and run, so that a cluster starts and stops worker nodes by the backlog.</summary>
/// <remarks>Blocked and scheduled tasks do not count: a node that waits for them has nothing to do.</remarks>
internal sealed class ExternalScalerService(
    IQueueStore store, Workforce workforce, NodeDoor door, TimeProvider time, IHostApplicationLifetime lifetime)
    : ExternalScaler.ExternalScalerBase
{
    private const string MetricName = "koubou_backlog";
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);

    public override async Task<IsActiveResponse> IsActive(ScaledObjectRef request, ServerCallContext context) =>
        new() { Result = await CountAsync(Read(request, context), context.CancellationToken) > 0 };

    public override async Task StreamIsActive(
        ScaledObjectRef request, IServerStreamWriter<IsActiveResponse> responseStream, ServerCallContext context)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, lifetime.ApplicationStopping);
        var wish = Read(request, context);
        bool? told = null;
        while (true)
        {
            var seen = store.Events.LastSequence;
            var isActive = await CountAsync(wish, until.Token) > 0;
            if (isActive != told)
            {
                told = isActive;
                await responseStream.WriteAsync(new IsActiveResponse { Result = isActive }, until.Token);
            }

            // A busy workshop changes a thousand times a second; a cluster need not hear of each.
            await Task.Delay(PauseMin, time, until.Token);
            await store.Events.WaitBeyondAsync(seen, until.Token);
        }
    }

    public override Task<GetMetricSpecResponse> GetMetricSpec(ScaledObjectRef request, ServerCallContext context)
    {
        var target = Read(request, context).TasksPerNode;
        return Task.FromResult(new GetMetricSpecResponse
        {
            MetricSpecs =
            {
                new MetricSpec
                {
                    MetricName = MetricName,
                    TargetSize = (long)Math.Ceiling(target),
                    TargetSizeFloat = target,
                },
            },
        });
    }

    public override async Task<GetMetricsResponse> GetMetrics(GetMetricsRequest request, ServerCallContext context)
    {
        var backlog = await CountAsync(Read(request.ScaledObjectRef, context), context.CancellationToken);
        return new GetMetricsResponse
        {
            MetricValues =
            {
                new MetricValue { MetricName = MetricName, MetricValue_ = backlog, MetricValueFloat = backlog },
            },
        };
    }

    private ScalingWish Read(ScaledObjectRef? wanted, ServerCallContext context)
    {
        var wish = ScalingWish.Read(wanted);
        return door.Knows(wish.JoinKey) || door.Knows(context.RequestHeaders.GetValue(JoinKey.Header) ?? "")
            ? wish
            : throw new RpcException(new Status(
                StatusCode.Unauthenticated,
                "This scheduler asks for a join key. Name it in the trigger's metadata, best as "
                + "joinKeyFromEnv: Koubou__Worker__JoinKey."));
    }

    private async Task<long> CountAsync(ScalingWish wish, CancellationToken cancellation)
    {
        var waiting = await store.CountWaitingAsync(cancellation);
        var queued = waiting.Where(count => wish.Includes(count.Type)).Sum(count => count.Queued);
        var running = wish.Types.Count == 0
            ? (await store.CountAsync(cancellation))[TaskState.Running]
            : workforce.All.SelectMany(node => node.Running).LongCount(task => wish.Includes(task.Type));
        return queued + running;
    }
}
