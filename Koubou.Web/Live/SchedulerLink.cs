namespace Koubou.Web.Live;

public enum LinkState
{
    /// <summary>Not reached yet since this process started.</summary>
    Connecting,

    /// <summary>The event stream is open.</summary>
    Live,

    /// <summary>The stream broke; what is shown is the last that was known.</summary>
    Lost,
}

/// <summary>How the dashboard stands with the scheduler.</summary>
/// <param name="State">Connecting, live or lost.</param>
/// <param name="Since">Since when.</param>
public sealed record SchedulerLink(LinkState State, DateTimeOffset Since);
