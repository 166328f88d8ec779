using Koubou.Cli.Tests.Harness;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Workers;

public sealed class WorkersTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Workers_ListDrainResumeLimit_SayHowTheNodeStands()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.SubmitAsync(type);
        await node.TakeAsync();

        var listed = await workshop.DoAsync("workers");
        var drained = await workshop.DoAsync("workers", "drain", node.Id);
        var resumed = await workshop.DoAsync("workers", "resume", node.Id, "--json");
        var limited = await workshop.RunAsync("workers", "limit", node.Id, "1");
        var unknown = await workshop.RunAsync("workers", "drain", "nobody");

        Assert.Contains(listed.Lines, line => line.StartsWith($"{node.Id} ", StringComparison.Ordinal)
            && line.Contains("ready", StringComparison.Ordinal) && line.TrimEnd().EndsWith("demo (simulated)", StringComparison.Ordinal));
        Assert.Contains("draining", drained.Lines[1], StringComparison.Ordinal);
        Assert.False(resumed.Json.GetProperty("draining").GetBoolean());
        Assert.Equal(0, limited.Code);
        Assert.Equal(1, unknown.Code);
        Assert.Contains("nobody", unknown.Notes, StringComparison.Ordinal);
        Assert.NotEmpty(id);
    }
}
