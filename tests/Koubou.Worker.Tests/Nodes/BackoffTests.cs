using CsCheck;
using Koubou.Worker.Nodes;

namespace Koubou.Worker.Tests.Nodes;

public sealed class BackoffTests
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(10);

    [Fact]
    public void Delay_Always_StaysBetweenHalfTheFirstBoundAndTheLast() =>
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Double[0, 1]).Sample((failures, chance) =>
        {
            var delay = Backoff.Delay(failures, Min, Max, chance);
            return delay >= Min / 2 && delay <= Max;
        });

    [Fact]
    public void Delay_MoreFailures_NeverGetsShorter() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Double[0, 1]).Sample((failures, chance) =>
            Backoff.Delay(failures + 1, Min, Max, chance) >= Backoff.Delay(failures, Min, Max, chance));
}
