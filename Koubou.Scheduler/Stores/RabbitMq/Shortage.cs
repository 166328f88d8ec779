namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// Tasks are queued, and their messages are not there: under way from another scheduler, in another's hand, or lost. Looks
/// again after a while, each time a longer one, until there is no shortage any more.
/// </summary>
internal sealed class Shortage : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(320);

    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private TimeSpan _pause = First;
    private bool _waits;

    public Shortage(Action lookAgain)
    {
        _timer = TimeProvider.System.CreateTimer(
            _ =>
            {
                lock (_gate)
                {
                    _waits = false;
                }

                lookAgain();
            },
            state: null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the last one who looked found nothing.</summary>
    public bool IsKnown { get; private set; }

    /// <param name="isShort">Whether somebody found less than is queued.</param>
    /// <param name="inVain">Whether it was nothing at all.</param>
    public void Note(bool isShort, bool inVain)
    {
        lock (_gate)
        {
            IsKnown = isShort && inVain;
            if (!isShort)
            {
                _pause = First;
            }
            else if (!_waits)
            {
                _waits = true;
                _timer.Change(_pause, Timeout.InfiniteTimeSpan);
                _pause = _pause * 2 < Longest ? _pause * 2 : Longest;
            }
        }
    }

    public void Dispose() => _timer.Dispose();
}
