using CsCheck;
using Koubou.Worker.Pool;

namespace Koubou.Worker.Tests.Pool;

public sealed class DemandSizingTests
{
    private readonly DemandSizing _sizing = new();

    [Fact]
    public void OnAssigned_Always_LeavesOneSlotFree() =>
        Gen.Select(Gen.Int[1, 64], Gen.Int[0, 64]).Sample((slots, busy) =>
        {
            var wanted = _sizing.OnAssigned(slots, busy);
            return wanted > busy && wanted >= slots;
        });

    [Fact]
    public void OnPeriodEnded_Always_NeverGrowsNorCutsIntoTheBusy() =>
        Gen.Select(Gen.Int[1, 64], Gen.Int[0, 64]).Where((slots, peak) => peak <= slots).Sample((slots, peak) =>
        {
            var wanted = _sizing.OnPeriodEnded(slots, peak);
            return wanted <= slots && wanted >= peak;
        });
}
