using Koubou.Worker.Backends.Lanes;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Worker.Tests.Backends.Lanes;

public sealed class CircuitTests
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Circuit_OpensAfterFailuresInARow_AndASuccessBeginsAnew()
    {
        var circuit = new Circuit(3, Break, _clock);

        circuit.Failed();
        circuit.Failed();
        circuit.Succeeded();
        circuit.Failed();
        circuit.Failed();
        var before = circuit.IsOpen;
        var opened = circuit.Failed();

        Assert.False(before);
        Assert.True(opened);
        Assert.True(circuit.IsOpen);
        Assert.False(circuit.TryPass());
        Assert.Equal(Break, circuit.Wait);
    }

    [Fact]
    public void Circuit_AfterTheBreak_LetsOneTry()
    {
        var circuit = Open();

        _clock.Advance(Break);

        Assert.True(circuit.TryPass());
        Assert.False(circuit.TryPass());
        circuit.Succeeded();
        Assert.False(circuit.IsOpen);
        Assert.True(circuit.TryPass());
    }

    [Fact]
    public void Circuit_WhenTheTryFails_IsOpenForAnotherBreak()
    {
        var circuit = Open();
        _clock.Advance(Break);
        Assert.True(circuit.TryPass());

        circuit.Failed();

        Assert.False(circuit.TryPass());
        _clock.Advance(Break);
        Assert.True(circuit.TryPass());
    }

    [Fact]
    public void Circuit_WhenTheTryIsCancelled_LetsTheNextOneTry()
    {
        var circuit = Open();
        _clock.Advance(Break);
        Assert.True(circuit.TryPass());

        circuit.Left();

        Assert.True(circuit.TryPass());
    }

    private Circuit Open()
    {
        var circuit = new Circuit(1, Break, _clock);
        circuit.Failed();
        return circuit;
    }
}
