namespace Koubou.LocalHosting.Launching;

/// <summary>How long to wait before a crashed service starts again: doubles with each crash, within bounds.</summary>
internal sealed class RestartBackoff(LaunchOptions options)
{
    private int _crashes;

    /// <summary>The pause after a crash of a process that had run for <paramref name="uptime"/>.</summary>
    public TimeSpan Next(TimeSpan uptime)
    {
        _crashes = uptime >= options.StableAfter ? 0 : _crashes;
        // 2^20 outgrows every sensible maximum; the bound keeps the multiplication in range.
        var delay = options.RestartDelay * Math.Pow(2, Math.Min(_crashes++, 20));
        return delay < options.RestartDelayMax ? delay : options.RestartDelayMax;
    }
}
