using Google.Rpc;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Tests.Hosting;

namespace Koubou.Scheduler.Tests.Submission;

public sealed class SubmitPlanTests
{
    private const string AllowAny = "--Queue:Limits:LoosestDataPolicy=Any";

    [Fact]
    public async Task Submit_ReferencesWithinTheCall_BecomeIds()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var ids = await scheduler.SubmitAsync(
            SchedulerHarness.Spec("reduce", spec => spec.DependsOn.Add(["#1", "#2"])),
            SchedulerHarness.Spec("map a"),
            SchedulerHarness.Spec("map b"));

        var reduce = await scheduler.GetAsync(ids[0]);
        Assert.Equal(TaskState.Blocked, reduce.State);
        Assert.Equal([ids[1], ids[2]], reduce.Spec.DependsOn);
    }

    [Fact]
    public async Task Submit_Circle_IsRefusedWithItsPathAndKeepsNothing()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() => scheduler.SubmitAsync(
            SchedulerHarness.Spec("a", spec => spec.DependsOn.Add("#2")),
            SchedulerHarness.Spec("b", spec => spec.DependsOn.Add("#0")),
            SchedulerHarness.Spec("c", spec => spec.DependsOn.Add("#1")),
            SchedulerHarness.Spec("d", spec => spec.DependsOn.Add("#0"))));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("#0 → #2 → #1 → #0", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, (await scheduler.Queue.ListAsync(new ListRequest())).Total);
    }

    [Theory]
    [InlineData("#0", "#0 → #0")]
    [InlineData("#7", "this submit has tasks #0 to #0")]
    [InlineData("#-1", "there is no such task")]
    [InlineData("0193a5f2-7c1e-7003-9d54-6f8e2b1a0c77", "there is no such task")]
    [InlineData("", "there is no such task")]
    public async Task Submit_DependencyThatCannotBe_IsRefused(string reference, string reason)
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() =>
            scheduler.SubmitAsync("a", spec => spec.DependsOn.Add(reference)));

        var fault = Assert.Single(error.GetRpcStatus()!.GetDetail<BadRequest>().FieldViolations);
        Assert.Equal("tasks[0].depends_on", fault.Field);
        Assert.Contains(reason, fault.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataPolicy_DependantOfAConfidentialTask_IsAsStrict()
    {
        await using var scheduler = await SchedulerHarness.StartAsync(AllowAny);
        var secret = await scheduler.SubmitAsync("secret", spec => spec.DataPolicy = DataPolicy.Local);

        var ids = await scheduler.SubmitAsync(
            SchedulerHarness.Spec("third", spec => (spec.DataPolicy, spec.RunIfDependencyFailed) = (DataPolicy.Any, DependOn(spec, "#1"))),
            SchedulerHarness.Spec("second", spec => (spec.DataPolicy, spec.RunIfDependencyFailed) = (DataPolicy.Any, DependOn(spec, secret))),
            SchedulerHarness.Spec("free", spec => spec.DataPolicy = DataPolicy.Any));

        Assert.Equal(
            [DataPolicy.Local, DataPolicy.Local, DataPolicy.Any],
            await Task.WhenAll(ids.Select(async id => (await scheduler.GetAsync(id)).Spec.DataPolicy)));
    }

    [Fact]
    public async Task DataPolicy_BatchWithMixedLabels_StrictestWins()
    {
        await using var scheduler = await SchedulerHarness.StartAsync(AllowAny);

        var first = await scheduler.SubmitAsync(
            SchedulerHarness.Spec("a", spec => (spec.BatchId, spec.DataPolicy) = ("night", DataPolicy.Any)),
            SchedulerHarness.Spec("b", spec => (spec.BatchId, spec.DataPolicy) = ("night", DataPolicy.Private)));
        var later = await scheduler.SubmitAsync("c", spec => (spec.BatchId, spec.DataPolicy) = ("night", DataPolicy.Any));

        foreach (var id in first.Append(later))
        {
            Assert.Equal(DataPolicy.Private, (await scheduler.GetAsync(id)).Spec.DataPolicy);
        }
    }

    private static bool DependOn(TaskSpec spec, string reference)
    {
        spec.DependsOn.Add(reference);
        return false;
    }
}
