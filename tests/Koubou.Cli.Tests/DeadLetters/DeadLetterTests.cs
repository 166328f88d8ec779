using Koubou.Cli.Tests.Harness;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.DeadLetters;

public sealed class DeadLetterTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task DeadLetter_ListReplayPurge_TakeTheFilters()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var ids = new[] { await workshop.SubmitAsync(type), await workshop.SubmitAsync(type) };
        foreach (var id in ids)
        {
            await node.FailAsync(await node.TakeAsync(), "timeout", "It took too long.");
            await workshop.HappenedAsync(id, EventKind.Failed);
        }

        var listed = await workshop.DoAsync("dead-letter", "list", "--type", type, "--ids", "--oldest-first");
        var one = await workshop.DoAsync("dead-letter", "replay", ids[0]);
        var rest = await workshop.DoAsync("dead-letter", "replay", "--type", type);
        await workshop.DoAsync("cancel", ids[0]);
        await node.FailAsync(await node.TakeAsync(), "timeout", "Again.");
        await workshop.HappenedAsync(ids[1], EventKind.Failed);
        var purged = await workshop.DoAsync("dead-letter", "purge", "--type", type);

        Assert.Equal(ids, listed.Lines);
        Assert.Equal($"{ids[0]} put back\n", one.Output);
        Assert.Equal(("1 put back\n", "1 removed\n"), (rest.Output, purged.Output));
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("purge")]
    public async Task DeadLetter_WithoutAFilter_WantsAllToBeSaid(string command)
    {
        var run = await workshop.RunAsync("dead-letter", command);

        Assert.Equal(2, run.Code);
        Assert.Contains("--all", run.Notes, StringComparison.Ordinal);
    }
}
