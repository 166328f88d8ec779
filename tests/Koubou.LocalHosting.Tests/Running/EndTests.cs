namespace Koubou.LocalHosting.Tests.Running;

/// <summary>However an AppHost ends, nothing that it started stays.</summary>
public sealed class EndTests
{
    private const string Open = "services are healthy";

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Host_Signalled_EndsAllInGoodOrder(string signal)
    {
        using var host = HostProcess.Start("--grandchild");
        await host.Lines.WaitForAsync(Open);
        var ids = await FamilyAsync(host.Lines);

        await host.SignalAsync(signal);

        Assert.Equal(0, await host.EndAsync());
        await host.Lines.WaitForAsync("first  │ stopped in good order");
        Assert.Contains("second │ stopped in good order", host.Lines.All());
        await Task.WhenAll(ids.Select(ForeignProcess.WaitForEndAsync));
    }

    [Theory]
    [InlineData("TERM", false)]
    [InlineData("INT", true)]
    public async Task Host_Signalled_StopsWhatWaitsBeforeWhatItWaitsFor(string signal, bool group)
    {
        using var host = HostProcess.Start();
        await host.Lines.WaitForAsync(Open);

        await host.SignalAsync(signal, group);
        await host.EndAsync();

        await host.Lines.WaitForAsync("first  │ stopped in good order");
        var lines = host.Lines.All().ToList();
        Assert.True(lines.IndexOf("second │ stopped in good order") < lines.IndexOf("first  │ stopped in good order"));
    }

    [Fact]
    public async Task Service_DeafToSigterm_IsKilledAfterItsGrace()
    {
        using var host = HostProcess.Start("--deaf", "--grandchild");
        await host.Lines.WaitForAsync(Open);
        var ids = await FamilyAsync(host.Lines);

        await host.SignalAsync("TERM");

        Assert.Equal(0, await host.EndAsync());
        await Task.WhenAll(ids.Select(ForeignProcess.WaitForEndAsync));
    }

    [Fact]
    public async Task Service_DeafToSigterm_IsKilledAtOnceBySecondSignal()
    {
        using var host = HostProcess.Start("--deaf");
        await host.Lines.WaitForAsync(Open);
        var second = await host.Lines.NumberAfterAsync("second │ pid");

        await host.SignalAsync("INT");
        await host.Lines.WaitForAsync("Closing");
        await host.SignalAsync("INT");

        Assert.Equal(0, await host.EndAsync());
        Assert.False(ForeignProcess.IsAlive(second));
    }

    [Theory]
    [InlineData]
    [InlineData("--deaf")]
    public async Task Host_KilledAtOnce_LeavesNothing(params string[] manners)
    {
        using var host = HostProcess.Start(["--grandchild", .. manners]);
        await host.Lines.WaitForAsync(Open);
        var ids = await FamilyAsync(host.Lines);
        Assert.All(ids, id => Assert.True(ForeignProcess.IsAlive(id)));

        await host.SignalAsync("KILL");

        await Task.WhenAll(ids.Select(ForeignProcess.WaitForEndAsync));
    }

    [Fact]
    public async Task DotnetRun_KilledAtOnce_EndsHostAndServicesInGoodOrder()
    {
        using var run = HostProcess.StartBelowDotnetRun();
        await run.Lines.WaitForAsync(Open);
        var first = await run.Lines.NumberAfterAsync("first  │ pid");

        await run.SignalAsync("KILL");

        await run.Lines.WaitForAsync("first  │ stopped in good order");
        await ForeignProcess.WaitForEndAsync(first);
    }

    [Fact]
    public async Task Host_KilledWhileServicesStart_LeavesNothing()
    {
        using var host = HostProcess.Start("--sick", "--deaf", "--grandchild");
        var ids = await FamilyAsync(host.Lines);

        await host.SignalAsync("KILL");

        await Task.WhenAll(ids.Select(ForeignProcess.WaitForEndAsync));
    }

    private static async Task<int[]> FamilyAsync(Lines lines) =>
    [
        await lines.NumberAfterAsync("first  │ pid"),
        await lines.NumberAfterAsync("second │ pid"),
        await lines.NumberAfterAsync("second │ grandchild"),
    ];
}
