namespace Koubou.Worker.Craftsmen;

/// <summary>One attempt's talk with models: with one after the other, or again and again with one.</summary>
internal sealed class Conversation(AssignedTask task, ICraftsmanContext context, long since)
{
    public AssignedTask Task => task;

    public ICraftsmanContext Context => context;

    /// <summary>When the attempt began, in ticks of the clock.</summary>
    public long Since => since;

    /// <summary>Pieces of answers written so far.</summary>
    public long Pieces { get; set; }
}
