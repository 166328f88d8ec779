using System.Diagnostics;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Scheduling;

public sealed class TraceTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Submit_WithATrace_KeepsItWithTheTask()
    {
        var type = workshop.NewType();
        using var client = new Activity("client").SetIdFormat(ActivityIdFormat.W3C).Start();
        client.TraceStateString = "vendor=1";
        await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);

        var work = await node.TakeAsync();

        Assert.True(ActivityContext.TryParse(work.Spec.TraceParent, work.Spec.TraceState, out var context));
        Assert.Equal(client.TraceId, context.TraceId);
        Assert.NotEqual(client.SpanId, context.SpanId);
        Assert.Equal("vendor=1", work.Spec.TraceState);
    }
}
