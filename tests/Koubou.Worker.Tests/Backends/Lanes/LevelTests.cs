using CsCheck;
using Koubou.Worker.Backends.Lanes;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Worker.Tests.Backends.Lanes;

/// <summary>The level against a backend in virtual time that writes 20 pieces a second for each call that it really runs.</summary>
public sealed class LevelTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Level_Within30Seconds_IsWhatTheBackendRunsInParallel(int parallel)
    {
        var meter = new LevelMeter(1, 8, _clock);

        Run(meter, parallel, TimeSpan.FromSeconds(30));

        Assert.True(meter.Rule.IsSettled);
        Assert.InRange(meter.Rule.Base, Math.Max(1, parallel - 1), parallel + 1);
    }

    [Fact]
    public void Level_WithScatteredMeasurements_StaysNearWhatTheBackendRuns() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[0, int.MaxValue]).Sample((parallel, seed) =>
        {
            // Samples run side by side, so each has a clock of its own.
            var clock = new FakeTimeProvider();
            var meter = new LevelMeter(1, 8, clock);
            Run(meter, parallel, TimeSpan.FromSeconds(30), new Random(seed), clock: clock);
            return Math.Abs(meter.Rule.Base - parallel) <= 1;
        }, iter: 30);

    [Fact]
    public void Level_OverTenMinutes_CostsHardlyAnything()
    {
        var meter = new LevelMeter(1, 8, _clock);
        Run(meter, 4, TimeSpan.FromSeconds(30));

        var pieces = Run(meter, 4, TimeSpan.FromMinutes(10));

        Assert.InRange(pieces / (4 * 20 * 600.0), 0.97, 1.0);
    }

    [Theory]
    [InlineData(2, 6)]
    [InlineData(6, 2)]
    public void Level_WhenTheBackendChanges_FollowsWithinMinutes(int before, int after)
    {
        var meter = new LevelMeter(1, 8, _clock);
        Run(meter, before, TimeSpan.FromMinutes(2));

        Run(meter, after, TimeSpan.FromMinutes(10));

        Assert.InRange(meter.Rule.Base, after - 1, after + 1);
    }

    [Fact]
    public void Level_WithoutDemand_LearnsNothing()
    {
        var meter = new LevelMeter(1, 8, _clock);

        Run(meter, 4, TimeSpan.FromSeconds(9));
        var level = meter.Rule.Level;
        Run(meter, 4, TimeSpan.FromMinutes(1), demand: 1);

        Assert.True(level > 2);
        Assert.Equal(level, meter.Rule.Level);
    }

    [Fact]
    public void Level_WithOneSetting_IsNotMeasured()
    {
        var meter = new LevelMeter(3, 3, _clock);

        Run(meter, 8, TimeSpan.FromMinutes(1));

        Assert.Equal(3, meter.Rule.Level);
        Assert.False(meter.Rule.IsSettled);
    }

    [Fact]
    public void Rule_ThatClimbedWhileTheMachineBecameFaster_FindsBackBeforeItSettles()
    {
        var rule = LevelRule.StartAt(1);
        foreach (var throughput in (double[])[10, 14, 18, 18, 18, 18])
        {
            Assert.False(rule.IsSettled);
            rule = rule.Measured(throughput, 1, 8);
        }

        Assert.True(rule.IsSettled);
        Assert.Equal(1, rule.Base);
    }

    [Fact]
    public void Rule_WhateverIsMeasured_StaysWithinItsBounds() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 8], Gen.Double[0.1, 100].Array[1, 200])
            .Where((min, max, _) => min <= max)
            .Sample((min, max, measured) =>
            {
                var rule = LevelRule.StartAt(min);
                foreach (var throughput in measured)
                {
                    rule = rule.Measured(throughput, min, max);
                    if (rule.Level < min || rule.Level > max || Math.Abs(rule.Level - rule.Base) > 1)
                    {
                        return false;
                    }
                }

                return true;
            });

    /// <returns>How many pieces came.</returns>
    private long Run(LevelMeter meter, int parallel, TimeSpan time, Random? scatter = null, int demand = 64,
        FakeTimeProvider? clock = null)
    {
        var owed = 0.0;
        var pieces = 0L;
        for (var left = time; left > TimeSpan.Zero; left -= Step)
        {
            (clock ?? _clock).Advance(Step);
            meter.SetInside(Math.Min(meter.Rule.Level, demand));
            var running = Math.Min(Math.Min(meter.Rule.Level, demand), parallel);
            owed += running * 20 * Step.TotalSeconds * (scatter is null ? 1 : 0.5 + scatter.NextDouble());
            for (; owed >= 1; owed--)
            {
                meter.AddPiece();
                pieces++;
            }
        }

        return pieces;
    }
}
