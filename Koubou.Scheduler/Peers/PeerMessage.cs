namespace Koubou.Scheduler.Peers;

/// <summary>What schedulers say to each other beside the queue. Losing one costs a moment, never a task.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="From">The scheduler that says it.</param>
internal sealed record PeerMessage(PeerMessageKind Kind, string From)
{
    public string Task { get; init; } = "";

    public string Node { get; init; } = "";

    public int Attempt { get; init; }

    /// <summary>Where <see cref="Text"/> begins; in a watch, what is known already.</summary>
    public long Offset { get; init; }

    public string Text { get; init; } = "";

    /// <summary>A message of the contract.</summary>
    public byte[] Body { get; init; } = [];
}

internal enum PeerMessageKind
{
    /// <summary>The sender's nodes changed.</summary>
    Nodes,

    /// <summary>A node has come over to the sender.</summary>
    Moved,

    /// <summary>The sender wants to see the output of a task.</summary>
    Watch,

    /// <summary>A piece of output.</summary>
    Output,

    /// <summary>A note of progress.</summary>
    Progress,

    /// <summary>An operator's wish for a node.</summary>
    Control,
}
