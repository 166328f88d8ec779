using System.Runtime.CompilerServices;
using Koubou.Contracts;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Events;

/// <summary>
/// The changes that one reader wants, at the reader's own pace. The log is the only buffer; a reader that falls behind is
/// brought back to the present and told so, because old changes are of little use to whoever cannot keep up with new ones.
/// </summary>
internal sealed partial class ChangeWatch(
    EventFeed feed, TimeProvider time, IOptions<WatchOptions> options, ILogger<ChangeWatch> logger)
{
    /// <summary>Endless; the next step is fetched only when the reader asks for it.</summary>
    public async IAsyncEnumerable<WatchNote> ReadAsync(
        WatchEventsRequest wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = wanted.Clone();
        long? seen = null;
        while (true)
        {
            var skipped = seen is not null;
            await foreach (var batch in feed.ReadAsync(request, cancellationToken))
            {
                var taken = time.GetTimestamp();
                if (seen is null)
                {
                    yield return new WatchNote(batch.LastSequence);
                }
                else if (skipped && batch.LastSequence > seen)
                {
                    LogSkipped(logger, seen.Value + 1, batch.LastSequence);
                    yield return new WatchNote(
                        batch.LastSequence, Missed: new Missed(seen.Value + 1, batch.LastSequence, Missed.SlowReader));
                }

                skipped = false;
                if (batch.Gap)
                {
                    var from = (seen ?? request.FromSequence) + 1;
                    var to = Math.Max(from, (batch.Events.Count > 0 ? batch.Events[0].Sequence - 1 : batch.LastSequence));
                    yield return new WatchNote(to, Missed: new Missed(from, to, Missed.LogTooShort));
                }

                var sent = 0;
                while (sent < batch.Events.Count && !IsSlow(taken))
                {
                    var change = batch.Events[sent++];
                    seen = change.Sequence;
                    yield return new WatchNote(change.Sequence, change);
                }

                seen = sent == batch.Events.Count ? batch.LastSequence : seen ?? batch.Events[0].Sequence - 1;
                if (IsSlow(taken))
                {
                    break;
                }
            }

            // From the present on; the first batch says what that left out.
            request.FromSequence = 0;
        }
    }

    private bool IsSlow(long taken) => time.GetElapsedTime(taken) > options.Value.SlowReaderAfter;

    [LoggerMessage(LogLevel.Information, "A reader of the log of changes was too slow: changes {From} to {To} were left out")]
    private static partial void LogSkipped(ILogger logger, long from, long to);
}
