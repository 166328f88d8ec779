using Grpc.Core;
using Koubou.Contracts.Scaling;
using Koubou.Scheduler.Tests.Hosting;

namespace Koubou.Scheduler.Tests.Scaling;

public sealed class ExternalScalerTests
{
    [Fact]
    public async Task Metrics_TasksOfTwoTypes_CountQueuedAndRunningOfTheWantedOnes()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await scheduler.SubmitAsync(
            SchedulerHarness.Spec("a"),
            SchedulerHarness.Spec("b", spec => spec.Type = "code"),
            SchedulerHarness.Spec("c", spec => spec.Type = "code"),
            SchedulerHarness.Spec("d", spec => (spec.Type, spec.NotBefore) = ("code", Tomorrow())));
        await using var node = await scheduler.ConnectAsync("node-1", 1, offer =>
        {
            offer.Capabilities.Clear();
            offer.Capabilities.Add("code");
        });
        await node.TakeAsync();

        Assert.Equal(3, await BacklogAsync(scheduler));
        Assert.Equal(2, await BacklogAsync(scheduler, ("types", "code, legal")));
        Assert.Equal(1, await BacklogAsync(scheduler, ("types", "general")));
        Assert.Equal(0, await BacklogAsync(scheduler, ("types", "legal")));
        Assert.False((await scheduler.Scaler.IsActiveAsync(Reference(("types", "legal")))).Result);
        Assert.True((await scheduler.Scaler.IsActiveAsync(Reference())).Result);
    }

    [Fact]
    public async Task MetricSpec_TasksPerNode_IsTheTarget()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var own = (await scheduler.Scaler.GetMetricSpecAsync(Reference(("tasksPerNode", "2.5")))).MetricSpecs.Single();
        var plain = (await scheduler.Scaler.GetMetricSpecAsync(Reference())).MetricSpecs.Single();

        Assert.Equal((2.5, 3), (own.TargetSizeFloat, own.TargetSize));
        Assert.Equal(8, plain.TargetSizeFloat);
    }

    [Theory]
    [InlineData("many")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("NaN")]
    public async Task MetricSpec_Nonsense_IsRefusedWithTheName(string tasksPerNode)
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() =>
            scheduler.Scaler.GetMetricSpecAsync(Reference(("tasksPerNode", tasksPerNode))).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("scalerMetadata.tasksPerNode", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scaler_WhereAJoinKeyIsAskedFor_TakesItFromTheMetadata()
    {
        const string Key = "a join key of the cluster";
        await using var scheduler = await SchedulerHarness.StartAsync($"--Koubou:Scheduler:JoinKey={Key}");

        var refused = await Assert.ThrowsAsync<RpcException>(() => scheduler.Scaler.IsActiveAsync(Reference()).ResponseAsync);
        var answered = await scheduler.Scaler.IsActiveAsync(Reference(("joinKeyFromEnv", Key)));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Contains("joinKeyFromEnv", refused.Status.Detail, StringComparison.Ordinal);
        Assert.False(answered.Result);
    }

    [Fact]
    public async Task StreamIsActive_FirstTaskArrives_IsPushed()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        using var stream = scheduler.Scaler.StreamIsActive(Reference());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await stream.ResponseStream.MoveNext(limit.Token);
        Assert.False(stream.ResponseStream.Current.Result);

        await scheduler.SubmitAsync("x");

        await stream.ResponseStream.MoveNext(limit.Token);
        Assert.True(stream.ResponseStream.Current.Result);
    }

    private static async Task<double> BacklogAsync(SchedulerHarness scheduler, params (string, string)[] metadata) =>
        (await scheduler.Scaler.GetMetricsAsync(new GetMetricsRequest { ScaledObjectRef = Reference(metadata) }))
            .MetricValues.Single().MetricValueFloat;

    private static ScaledObjectRef Reference(params (string Name, string Value)[] metadata)
    {
        var reference = new ScaledObjectRef { Name = "worker", Namespace = "koubou" };
        foreach (var (name, value) in metadata)
        {
            reference.ScalerMetadata.Add(name, value);
        }

        return reference;
    }

    private static Google.Protobuf.WellKnownTypes.Timestamp Tomorrow() =>
        Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(1));
}
