using Koubou.Cli.Tests.Harness;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.AspNetCore.Hosting;

namespace Koubou.Cli.Tests.Tasks;

public sealed class WatchTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Watch_OfATask_PrintsWhatIsWrittenAndWhatCameBefore()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.SubmitAsync(type);
        var work = await node.TakeAsync();
        await node.SayAsync(work, new OutputChunk { Offset = 0, Text = "before, " });

        await using var program = workshop.Start("watch", id);
        await program.PrintedAsync("before, ");
        await node.SayAsync(work, new OutputChunk { Offset = 8, Text = "after" });
        await node.CompleteAsync(work, "before, after");
        var run = await program.EndAsync();

        Assert.Equal((0, "before, after\n"), (run.Code, run.Output));
    }

    [Fact]
    public async Task Watch_OfAFinishedTask_PrintsItsAnswer()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.SubmitAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "done");
        await workshop.HappenedAsync(id, EventKind.Succeeded);

        Assert.Equal("done\n", (await workshop.DoAsync("watch", id)).Output);
    }

    [Fact]
    public async Task Watch_WithoutATask_PrintsEveryChangeOfTheTypeUntilInterrupted()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.SubmitAsync(type);
        await using var program = workshop.Start("watch", "--type", type, "--from", "1");
        await program.PrintedAsync(id);

        await node.FailAsync(await node.TakeAsync(), "timeout", "It took too long.");
        var printed = await program.PrintedAsync("It took too long.");
        program.Interrupt();
        var run = await program.EndAsync();

        Assert.Equal(130, run.Code);
        Assert.Contains($"queued      {id}  {type}\n", printed, StringComparison.Ordinal);
        Assert.Contains($"running     {id}  {type}  started", printed, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', printed);
    }

    [Fact]
    public async Task Watch_AsJson_PrintsOneEventALine()
    {
        var type = workshop.NewType();
        var id = await workshop.SubmitAsync(type);
        await using var program = workshop.Start("watch", "--type", type, "--from", "1", "--json");

        var printed = await program.PrintedAsync(id);

        Assert.StartsWith("""{"event":"connected","id":""", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_WhileTheGatewayRestarts_GoesOnWhereItWas()
    {
        var type = workshop.NewType();
        var home = Directory.CreateTempSubdirectory("koubou-watch-").FullName;
        await using var node = await workshop.JoinAsync(type);
        var first = Start(home, "http://127.0.0.1:0");
        var address = first.Main;
        await using var program = KoubouProgram.Start(address, ["submit", "x", "--type", type, "--follow"]);
        var work = await node.TakeAsync();
        await node.SayAsync(work, new OutputChunk { Offset = 0, Text = "one " });
        await program.PrintedAsync("one ");

        await first.DisposeAsync();
        await node.SayAsync(work, new OutputChunk { Offset = 4, Text = "two " });
        await using (Start(home, address.ToString()))
        {
            await program.PrintedAsync("two ");
            await node.CompleteAsync(work, "one two three");
            var run = await program.EndAsync();

            Assert.Equal((0, "one two three\n"), (run.Code, run.Output));
        }

        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task Watch_OfAnUnknownTask_SaysSo()
    {
        var run = await workshop.RunAsync("watch", "nothing");

        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("'nothing'", run.Notes, StringComparison.Ordinal);
    }

    private GatewayHost Start(string home, string address) => GatewayHost.Start(
        home,
        (WebHostDefaults.ServerUrlsKey, address),
        ("Koubou:Scheduler:Address", workshop.Scheduler.Address),
        ("Koubou:Web:Address", "http://127.0.0.1:9"));
}
