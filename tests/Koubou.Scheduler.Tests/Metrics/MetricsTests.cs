using CsCheck;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Metrics;
using Koubou.Scheduler.Tasks;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Scheduler.Tests.Metrics;

public sealed class MetricsTests
{
    [Fact]
    public void Quantile_AnyDurations_IsRightToWithinAnEighth() =>
        Gen.Double[2, 80_000_000].Array[1, 200].Sample(milliseconds =>
        {
            var histogram = new DurationHistogram();
            foreach (var duration in milliseconds)
            {
                histogram.Add(TimeSpan.FromMilliseconds(duration));
            }

            Array.Sort(milliseconds);
            foreach (var share in new[] { 0.5, 0.95, 1.0 })
            {
                var exact = milliseconds[(int)Math.Ceiling(share * milliseconds.Length) - 1] / 1_000;
                Assert.InRange(histogram.Quantile(share), exact / 1.13, exact * 1.13);
            }
        });

    [Fact]
    public void Quantile_OfNothing_IsZero() => Assert.Equal(0, new DurationHistogram().Quantile(0.5));

    [Fact]
    public void Board_AfterADay_ForgetsAndShowsNoHoles()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 30, TimeSpan.Zero));
        var board = new MetricsBoard(clock);
        board.Hear(Event(clock, EventKind.Submitted));
        clock.Advance(TimeSpan.FromMinutes(10));
        board.Hear(Event(clock, EventKind.Submitted));

        var points = board.Read(clock.GetUtcNow().AddMinutes(-10), 5);
        Assert.Equal([1L, 0L, 1L], points.Select(point => point.Submitted));
        Assert.Equal([0, 5, 10], points.Select(point => point.At.ToDateTimeOffset().Minute));

        clock.Advance(TimeSpan.FromHours(24));
        points = board.Read(DateTimeOffset.MinValue.AddYears(2000), 1);
        Assert.Equal(MetricsBoard.MinutesMax, points.Count);
        Assert.Equal(0, points.Sum(point => point.Submitted));
    }

    [Fact]
    public void Estimate_SteadyPace_IsPositionOverPace()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var estimator = new WaitEstimator(clock);
        Assert.Null(estimator.Estimate(10));

        for (var second = 0; second < 60; second++)
        {
            estimator.Hear(Event(clock, EventKind.Started));
            estimator.Hear(Event(clock, EventKind.Started));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(estimator.Estimate(100)!.ToTimeSpan().TotalSeconds, 48, 52);
        Assert.Null(estimator.Estimate(0));

        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(estimator.Estimate(100));
    }

    private static TaskEvent Event(TimeProvider clock, EventKind kind) => new()
    {
        Kind = kind,
        TaskId = new TaskIdSource(clock).Next().ToString(),
        At = Timestamp.FromDateTimeOffset(clock.GetUtcNow()),
    };
}
