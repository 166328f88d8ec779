using Koubou.Cli.Load;
using Koubou.Cli.Tests.Harness;
using Koubou.Cli.Workshop;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Load;

public sealed class LoadTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Load_OfSomeTasks_ReportsEachOutcomeAndLatency()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var program = workshop.Start("load", "--tasks", "5", "--concurrency", "2", "--type", type, "--json");

        for (var i = 0; i < 4; i++)
        {
            await node.CompleteAsync(await node.TakeAsync(), "x", simulated: true);
        }

        await node.FailAsync(await node.TakeAsync(), "timeout", "It took too long.");
        var run = await program.EndAsync();

        Assert.Equal(1, run.Code);
        Assert.Equal((4, 1), (run.Json.GetProperty("outcomes").GetProperty("succeeded").GetInt32(), run.Json.GetProperty("outcomes").GetProperty("failed").GetInt32()));
        Assert.True(run.Json.GetProperty("simulated").GetBoolean());
        foreach (var name in new[] { "submit_ms", "queued_ms", "ran_ms", "whole_ms" })
        {
            Assert.True(run.Json.GetProperty(name).GetProperty("p50").GetDouble() <= run.Json.GetProperty(name).GetProperty("max").GetDouble());
        }
    }

    [Fact]
    public async Task Load_Interrupted_EndsWhatIsLeftOfIt()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var program = workshop.Start("load", "--tasks", "3", "--concurrency", "2", "--type", type);
        var work = await node.TakeAsync();

        program.Interrupt();
        var run = await program.EndAsync();
        var ended = await node.EndedAsync();
        var open = await workshop.DoAsync("list", "--type", type, "--state", "queued", "--ids");

        Assert.Equal(130, run.Code);
        Assert.Equal(work.TaskId, ended.TaskId);
        Assert.Empty(open.Lines);
        Assert.StartsWith("0.0 tasks/s", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_ToAnotherMachine_IsRefusedUnlessItIsNamed()
    {
        var run = await KoubouProgram.RunAsync(new Uri("http://192.0.2.1:8765"), ["load"]);

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("--allow-host 192.0.2.1", run.Notes, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => LoadCommand.Guard(new Uri("http://192.0.2.1:8765"), "192.0.2.2"));
        LoadCommand.Guard(new Uri("http://192.0.2.1:8765"), "192.0.2.1");
        LoadCommand.Guard(new Uri("http://localhost:8765"), null);
        LoadCommand.Guard(new Uri("http://[::1]:8765"), null);
    }

    [Fact]
    public void Percentiles_AreTimesThatWereMeasured()
    {
        var times = Enumerable.Range(1, 100).Select(i => (TimeSpan?)TimeSpan.FromMilliseconds(i)).Append(null).Reverse();

        Assert.Equal(new Percentiles(50, 95, 99, 100), Percentiles.Of(times));
        Assert.Equal(new Percentiles(7, 7, 7, 7), Percentiles.Of([TimeSpan.FromMilliseconds(7)]));
        Assert.Null(Percentiles.Of([]));
    }
}
