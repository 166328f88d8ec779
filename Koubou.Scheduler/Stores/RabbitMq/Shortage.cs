namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// Tasks are queued, and their messages are not there: under way from another scheduler, in another's hand, or lost. Looks
/// again after a while, each time a longer one, until there is no shortage any more.
/// </summary>
internal sealed class Shortage : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(320);

    private readonly Lock gate = new();
    private readonly ITimer timer;
    private TimeSpan pause = First;
    private bool waits;

    public Shortage(Action lookAgain)
    {
        timer = TimeProvider.System.CreateTimer(
            _ =>
            {
                lock (gate)
                {
                    waits = false;
                }

                lookAgain();
            },
            state: null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    public bool IsKnown { get; private set; }

    public void Note(bool isShort)
    {
        lock (gate)
        {
            IsKnown = isShort;
            if (!isShort)
            {
                pause = First;
            }
            else if (!waits)
            {
                waits = true;
                timer.Change(pause, Timeout.InfiniteTimeSpan);
                pause = pause * 2 < Longest ? pause * 2 : Longest;
            }
        }
    }

    public void Dispose() => timer.Dispose();
}
