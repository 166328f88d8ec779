using Koubou.Cli.Tests.Harness;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Backups;

public sealed class BackupTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task ExportThenImport_IntoAnotherWorkshop_KeepsAnswerAndHistory()
    {
        await using var other = await WorkshopFixture.StartAsync();
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.SubmitAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "kept 工房");
        await workshop.HappenedAsync(id, EventKind.Succeeded);
        var file = Path.Combine(workshop.Home, $"{type}.jsonl");

        await workshop.DoAsync("export", "--type", type, "--to", file);
        var piped = await workshop.DoAsync("export", "--type", type);
        var first = await other.DoAsync("import", file);
        var second = await other.RunWithInputAsync(piped.Output, "import", "-");

        Assert.Equal(await File.ReadAllTextAsync(file), piped.Output);
        Assert.Equal("1 taken in, 0 were here already\n", first.Output);
        Assert.Equal("0 taken in, 1 were here already\n", second.Output);
        Assert.Equal("kept 工房", (await other.DoAsync("output", id)).Output);
        Assert.False(File.Exists(file + ".part"));
    }

    [Fact]
    public async Task Import_OfALineThatIsNoTask_SaysWhichOne()
    {
        var run = await workshop.RunWithInputAsync("{\"id\": \"x\"}\n", "import", "-");

        Assert.Equal(1, run.Code);
        Assert.Contains("line 1: is no exported task", run.Notes, StringComparison.Ordinal);
    }
}
