namespace Koubou.Gateway.Events;

/// <summary>Changes that a watch did not pass on.</summary>
/// <param name="From">The first number of them.</param>
/// <param name="To">The last number of them.</param>
/// <param name="Reason"><see cref="LogTooShort"/> or <see cref="SlowReader"/>.</param>
internal sealed record Missed(long From, long To, string Reason)
{
    /// <summary>They are older than what the log keeps.</summary>
    public const string LogTooShort = "log_too_short";

    /// <summary>The reader was too slow for them; the log still has them.</summary>
    public const string SlowReader = "slow_reader";
}
