using Koubou.Cli.Tests.Harness;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Tasks;

public sealed class ChangeTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task CancelThenRetry_OfKnownAndUnknownIds_TellsOfEach()
    {
        var type = workshop.NewType();
        var id = await workshop.SubmitAsync(type);

        var cancelled = await workshop.RunAsync("cancel", id, "nothing");
        var again = await workshop.RunAsync("cancel", id);
        var retried = await workshop.RunAsync("retry", id);
        var json = await workshop.RunAsync("cancel", id, "--json");

        Assert.Equal((1, $"{id} cancelled\n"), (cancelled.Code, cancelled.Output));
        Assert.Equal("No task has the id nothing. See: koubou list\n", cancelled.Notes);
        Assert.Equal((1, $"Task {id} is cancelled, so it was not cancelled.\n"), (again.Code, again.Notes));
        Assert.Equal((0, $"{id} put back\n"), (retried.Code, retried.Output));
        Assert.Equal("changed", json.Json.GetProperty("results")[0].Text("outcome"));
    }

    [Fact]
    public async Task Cancel_WithoutIds_IsAWrongCommandLine()
    {
        Assert.Equal(2, (await workshop.RunAsync("cancel")).Code);
    }
}
