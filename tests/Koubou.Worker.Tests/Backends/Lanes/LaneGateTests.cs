using Koubou.Worker.Backends.Lanes;

namespace Koubou.Worker.Tests.Backends.Lanes;

public sealed class LaneGateTests
{
    [Fact]
    public async Task Gate_LetsInAsManyAsItsWidth_InTheirOrder()
    {
        var gate = new LaneGate(1);
        await gate.EnterAsync(CancellationToken.None);
        var second = gate.EnterAsync(CancellationToken.None).AsTask();
        var third = gate.EnterAsync(CancellationToken.None).AsTask();

        gate.Leave();
        await second;

        Assert.False(third.IsCompleted);
        Assert.Equal(1, gate.Inside);
        gate.SetWidth(2);
        await third;
        Assert.Equal(2, gate.Inside);
    }

    [Fact]
    public async Task Gate_WhoGivesUpWaiting_TakesNoPlace()
    {
        var gate = new LaneGate(1);
        await gate.EnterAsync(CancellationToken.None);
        using var impatient = new CancellationTokenSource();
        var second = gate.EnterAsync(impatient.Token).AsTask();
        var third = gate.EnterAsync(CancellationToken.None).AsTask();

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.Leave();
        await third;

        Assert.Equal(1, gate.Inside);
    }
}
