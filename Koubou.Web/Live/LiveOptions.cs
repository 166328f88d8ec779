namespace Koubou.Web.Live;

/// <summary>How often the dashboard renews what it shows. Section <c>Koubou:Web:Live</c>.</summary>
public sealed class LiveOptions
{
    public const string Section = "Koubou:Web:Live";

    /// <summary>The shortest pause between two updates of a page. Default: 250 milliseconds.</summary>
    public TimeSpan UpdateInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The shortest pause between two readings of status and workers. Default: 500 milliseconds.</summary>
    public TimeSpan ReadInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The longest time that status and workers, whose changes are no events, go unread while someone watches.
    /// Default: 1 second.
    /// </summary>
    public TimeSpan ReadIntervalMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest time that charts and notices go unread while someone watches. Default: 2 seconds.
    /// </summary>
    public TimeSpan FiguresInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The pause between two readings of the last 24 hours. Default: 20 seconds.</summary>
    public TimeSpan DayInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The wait before the first attempt to reach the scheduler again. Default: 250 milliseconds.</summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait between two attempts to reach the scheduler. Default: 5 seconds.</summary>
    public TimeSpan ReconnectDelayMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many of the newest tasks are kept. Default: 50.</summary>
    public int NewestMax { get; set; } = 50;

    /// <summary>How many of the newest events are kept, and read again from the log at the start. Default: 300.</summary>
    public int EventsMax { get; set; } = 300;

    /// <summary>How many running tasks are kept. Default: 200.</summary>
    public int RunningMax { get; set; } = 200;
}
