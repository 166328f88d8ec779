using Koubou.Contracts;
using Koubou.Web.Pages.Batches;

namespace Koubou.Web.Tests.Batches;

public sealed class BatchCountsTests
{
    [Fact]
    public void Percent_OfNearlyAll_IsNotAHundred()
    {
        var batch = new Batch { Total = 1000, TasksByState = { ["succeeded"] = 998, ["cancelled"] = 1, ["running"] = 1 } };

        Assert.Equal(99, BatchCounts.Percent(batch));
        Assert.Equal(999, BatchCounts.Finished(batch));
        Assert.Equal([TaskState.Succeeded, TaskState.Cancelled, TaskState.Running], BatchCounts.Of(batch).Select(part => part.State));
    }
}
