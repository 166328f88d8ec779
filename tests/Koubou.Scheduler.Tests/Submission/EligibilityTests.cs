using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Tests.Hosting;

namespace Koubou.Scheduler.Tests.Submission;

public sealed class EligibilityTests
{
    [Fact]
    public async Task Submit_WithoutAnyNode_SaysSoAndWaits()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var receipt = await SubmitAsync(scheduler);

        Assert.Contains("No worker node is connected", receipt.NobodyEligible, StringComparison.Ordinal);
        Assert.Equal(TaskState.Queued, (await scheduler.GetAsync(receipt.Id)).State);
    }

    [Fact]
    public async Task Submit_ThatSomebodyCanRun_SaysNothing()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1", credit: 0);

        Assert.Equal("", (await SubmitAsync(scheduler)).NobodyEligible);
    }

    [Fact]
    public async Task Submit_RefusingToWait_IsRefusedWithTheReason_AndNothingIsKept()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1", credit: 0, offer => offer.Backends[0].Zone = Zone.Cloud);

        var error = await Assert.ThrowsAsync<RpcException>(() => SubmitAsync(scheduler, spec => spec.RefuseIfNobodyEligible = true));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("The data policy is 'local'", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("ollama (cloud)", error.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await scheduler.Queue.ListAsync(new ListRequest())).Tasks);
    }

    [Theory]
    [InlineData("backend", "No connected worker node has a backend 'nowhere'. There are: ollama.")]
    [InlineData("type", "takes tasks of the type 'code'")]
    [InlineData("model", "computes further away: ollama (cloud)")]
    [InlineData("ill", "ollama serve")]
    [InlineData("named", "only answer tasks that name them: ollama")]
    public async Task Submit_ThatNobodyCanRun_SaysWhy(string trouble, string expected)
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1", credit: 0, offer =>
        {
            var backend = offer.Backends[0];
            switch (trouble)
            {
                case "type":
                    offer.Capabilities.Clear();
                    offer.Capabilities.Add("general");
                    break;
                case "model":
                    backend.CloudModels.Add("big:cloud");
                    break;
                case "ill":
                    (backend.Healthy, backend.Detail) = (false, "Ollama does not answer. Start it with: ollama serve");
                    break;
                case "named":
                    backend.OnlyWhenNamed = true;
                    break;
            }
        });

        var receipt = await SubmitAsync(scheduler, spec => (spec.Type, spec.Backend, spec.Model) = trouble switch
        {
            "backend" => ("general", "nowhere", ""),
            "type" => ("code", "", ""),
            "model" => ("general", "", "big:cloud"),
            _ => ("general", "", ""),
        });

        Assert.Contains(expected, receipt.NobodyEligible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeWithoutBackends_GetsTheTypesThatItDoesItself()
    {
        await using var scheduler = await SchedulerHarness.StartAsync("--Koubou:TaskTypes:shout:Description=Shouts.");
        await using var node = await scheduler.ConnectAsync("node-1", credit: 1, offer =>
        {
            offer.Backends.Clear();
            offer.OwnTypes.Add("shout");
        });

        var receipt = await SubmitAsync(scheduler, spec => spec.Type = "shout");

        Assert.Equal("", receipt.NobodyEligible);
        Assert.Equal(receipt.Id, (await node.TakeAsync()).TaskId);
    }

    [Fact]
    public async Task RunnerOptions_OfTheType_AreKeptWithTheTask()
    {
        await using var scheduler = await SchedulerHarness.StartAsync(
            "--Koubou:TaskTypes:long:Options:num_ctx=32768", "--Koubou:TaskTypes:long:Options:temperature=0.1");

        var receipt = await SubmitAsync(scheduler, spec => spec.Type = "long");

        var option = Assert.Single((await scheduler.GetAsync(receipt.Id)).Spec.Options);
        Assert.Equal(("num_ctx", "32768"), (option.Key, option.Value));
    }

    private static async Task<TaskReceipt> SubmitAsync(SchedulerHarness scheduler, Action<TaskSpec>? change = null) =>
        (await scheduler.Queue.SubmitAsync(new SubmitRequest { Tasks = { SchedulerHarness.Spec("x", change) } })).Receipts.Single();
}
