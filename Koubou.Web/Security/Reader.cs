using Koubou.Web.Language;

namespace Koubou.Web.Security;

/// <summary>Who sits before one open page. Set when its circuit begins.</summary>
public sealed class Reader
{
    public Rights Rights { get; private set; } = Rights.All;

    /// <summary>The reader's time zone. Null: the browser has not told it yet.</summary>
    public TimeZoneInfo? Zone { get; private set; }

    /// <summary>The time zone is another one.</summary>
    public event Action? Moved;

    public void Is(Rights rights) => Rights = rights;

    /// <summary>Takes the time zone that a browser told. What says nothing changes nothing.</summary>
    public void LivesAt(string? zone)
    {
        if (ReaderZone.Parse(zone) is { } told && !told.Equals(Zone))
        {
            Zone = told;
            Moved?.Invoke();
        }
    }
}
