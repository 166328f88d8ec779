using System.Diagnostics;
using System.Globalization;
using Koubou.Worker.Craftsmen;

namespace Koubou.Bench.Node;

/// <summary>Does nothing, so that what is measured is everything around it. Answers with the time at which it started.</summary>
internal sealed class NoopCraftsman : Craftsman
{
    public override ValueTask<TaskResult> ProcessAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken) =>
        new(TaskResult.FromString(Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture)));
}
