namespace Koubou.Cli.Workshop;

/// <summary>Why something could not be done, in words for a person, the remedy with them.</summary>
internal sealed class WorkshopException(string message) : Exception(message)
{
    /// <summary>Nobody answered at all, so trying again may help.</summary>
    public bool IsAway { get; init; }

    /// <summary>The queue or the key's limit is full: when to come again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>There is no such thing; a list of things can go on without it.</summary>
    public bool IsUnknown { get; init; }
}
