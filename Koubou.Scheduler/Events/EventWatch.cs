using System.Runtime.CompilerServices;
using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Events;

/// <summary>One client's view of the event log. It keeps a place in the log and no buffer: a slow reader costs nothing.</summary>
internal sealed class EventWatch(IEventLog log, WatchEventsRequest request)
{
    private const int PageMax = 512;

    // With a filter that lets little pass, the reader still learns from time to time where to resume.
    private const int SkippedMax = 10_000;

    private readonly HashSet<string> _taskIds = [.. request.TaskIds];
    private readonly HashSet<string> _types = [.. request.Types_];

    /// <summary>The first batch comes at once and tells where the watch begins; then whatever passes the filter.</summary>
    public async IAsyncEnumerable<EventBatch> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var seen = request.FromSequence == 0 ? log.LastSequence : Math.Min(request.FromSequence - 1, log.LastSequence);
        var told = seen;
        yield return new EventBatch { LastSequence = seen };
        while (true)
        {
            await log.WaitBeyondAsync(seen, cancellation);
            var page = await log.ReadAsync(seen + 1, PageMax, cancellation);
            if (page.Events.Count == 0)
            {
                continue;
            }

            seen = page.Events[^1].Sequence;
            var passed = page.Events.Where(Passes).ToList();
            if (passed.Count > 0 || page.Gap || seen - told > SkippedMax)
            {
                told = seen;
                yield return new EventBatch { Events = { passed }, LastSequence = seen, Gap = page.Gap };
            }
        }
    }

    private bool Passes(TaskEvent change) =>
        (_taskIds.Count == 0 || _taskIds.Contains(change.TaskId))
        && (_types.Count == 0 || _types.Contains(change.Type))
        && (request.BatchId.Length == 0 || request.BatchId == change.BatchId);
}
