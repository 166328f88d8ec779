using Koubou.Contracts;
using Koubou.Web.Pages.Overview;

namespace Koubou.Web.Tests.Overview;

public sealed class CraftsmanTests
{
    [Fact]
    public void Work_StandsAtItsSlot()
    {
        var craftsmen = Craftsman.AllOf(Node(slots: 3, 2));

        Assert.Equal([null, "task-2", null], craftsmen.Select(craftsman => craftsman.Work?.TaskId));
        Assert.Equal("一二三", string.Concat(craftsmen.Select(craftsman => craftsman.Seal)));
    }

    [Fact]
    public void Work_WhoseSlotIsUnknownOrTaken_StandsAtTheFirstFreeOne()
    {
        var craftsmen = Craftsman.AllOf(Node(slots: 3, 1, 0, 1));

        Assert.Equal(3, craftsmen.Count(craftsman => craftsman.Work is not null));
    }

    [Fact]
    public void Pool_ThatShrinksWhileAllWork_StillShowsAllWork()
    {
        var craftsmen = Craftsman.AllOf(Node(slots: 1, 1, 4));

        Assert.Equal(4, craftsmen.Count);
        Assert.Equal(2, craftsmen.Count(craftsman => craftsman.Work is not null));
    }

    [Fact]
    public void Seal_BeyondTheNumerals_IsADigit() =>
        Assert.Equal("11", Craftsman.AllOf(Node(slots: 11))[10].Seal);

    private static WorkerNode Node(int slots, params int[] busy) => new()
    {
        Slots = slots,
        Running = { busy.Select((slot, index) => new RunningTask { TaskId = $"task-{(slot == 0 ? index : slot)}", Slot = slot }) },
    };
}
