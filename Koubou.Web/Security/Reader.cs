using Koubou.Web.Language;

namespace Koubou.Web.Security;

/// <summary>Who sits before one open page. Set when its circuit begins.</summary>
public sealed class Reader
{
    public Rights Rights { get; private set; } = Rights.All;

    /// <summary>The reader's time zone. Null: the browser has not told it yet.</summary>
    public TimeZoneInfo? Zone { get; private set; }

    public void Is(Rights rights) => Rights = rights;

    /// <summary>True when that is news.</summary>
    public bool LivesAt(string? zone)
    {
        var known = Zone;
        Zone = ReaderZone.Parse(zone) ?? Zone;
        return !Equals(known, Zone);
    }
}
