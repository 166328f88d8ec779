using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Web.Charts;

namespace Koubou.Web.Tests.Charts;

public sealed class YieldTests
{
    [Fact]
    public void NotSpent_CountsOnlyWhatStayedLocal()
    {
        var metrics = new MetricsReply
        {
            Points =
            {
                new MetricsPoint { PromptTokens = 1_000_000, CompletionTokens = 1_000_000, LocalTokens = 1_000_000 },
                new MetricsPoint { PromptTokens = 1_000_000 },
                new MetricsPoint(),
            },
        };

        Assert.Equal(9, Yield.NotSpent(metrics, new CloudPriceOptions()));
        Assert.Equal(1_000_000, Yield.LocalTokens(metrics));
    }

    [Fact]
    public void TokensPerSecond_LooksAtTheLastFullMinuteAndThisOne()
    {
        var now = DateTimeOffset.UnixEpoch.AddHours(1);
        var hour = new MetricsReply
        {
            Points =
            {
                Point(now.AddSeconds(-150), 9_000), Point(now.AddSeconds(-90), 900), Point(now.AddSeconds(-30), 0),
            },
        };

        Assert.Equal(10, Yield.TokensPerSecond(hour, now));
        Assert.Equal(0, Yield.TokensPerSecond(new MetricsReply(), now));
    }

    [Fact]
    public void Occupancy_WithoutAnySlot_IsNotKnown()
    {
        Assert.Null(Yield.Occupancy(new MetricsReply { Points = { new MetricsPoint() } }));
        Assert.Equal(0.5, Yield.Occupancy(new MetricsReply
        {
            Points = { new MetricsPoint { Slots = 4, SlotsBusy = 3 }, new MetricsPoint { Slots = 4, SlotsBusy = 1 } },
        }));
    }

    private static MetricsPoint Point(DateTimeOffset at, long tokens) =>
        new() { At = Timestamp.FromDateTimeOffset(at), CompletionTokens = tokens };
}
