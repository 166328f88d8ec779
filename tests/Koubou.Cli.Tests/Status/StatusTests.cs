using Koubou.Cli.Tests.Harness;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Status;

public sealed class StatusTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Status_ShowsQueueAndCraftsmen()
    {
        var run = await workshop.DoAsync("status");
        var json = await workshop.DoAsync("status", "--json");

        Assert.StartsWith("workshop", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains("queue sqlite", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains(run.Lines, line => line.StartsWith("queued ", StringComparison.Ordinal));
        Assert.Equal("sqlite", json.Json.Text("engine"));
    }
}
