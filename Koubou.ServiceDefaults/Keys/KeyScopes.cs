namespace Koubou.ServiceDefaults.Keys;

/// <summary>What an API key may do.</summary>
[Flags]
public enum KeyScopes
{
    None = 0,

    /// <summary>Submit tasks; cancel, retry and delete those of its own.</summary>
    Submit = 1,

    /// <summary>See every task of the workshop, its workers and its state.</summary>
    Read = 2,

    /// <summary>Everything of the two above, the tasks of others, the worker nodes, the settings, and the keys.</summary>
    Admin = 4,

    /// <summary>Give tasks the data policy <c>private</c>, whatever the workshop allows to others.</summary>
    AllowPrivate = 8,

    /// <summary>Give tasks the data policy <c>any</c>, whatever the workshop allows to others.</summary>
    AllowAny = 16,
}
