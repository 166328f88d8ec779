using CsCheck;
using Koubou.Scheduler.Rules;

namespace Koubou.Scheduler.Tests.Rules;

public sealed class BackoffTests
{
    [Fact]
    public void After_AnyAttempt_StaysWithinItsBounds() =>
        Gen.Int[1, 1_000_000].Select(Gen.Double[0, 0.999999]).Sample((attempt, random) =>
        {
            var options = new BackoffOptions();

            var wait = Backoff.After(attempt, options, random);

            Assert.InRange(wait, options.First * (1 - options.Jitter), options.Longest * (1 + options.Jitter));
        });

    [Fact]
    public void After_WithoutJitter_DoublesUntilTheLongest()
    {
        var options = new BackoffOptions { Jitter = 0, Longest = TimeSpan.FromSeconds(6) };

        var waits = Enumerable.Range(1, 5).Select(attempt => Backoff.After(attempt, options, 0.5).TotalSeconds);

        Assert.Equal([1, 2, 4, 6, 6], waits);
    }
}
