namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// A message taken from a type's queue and not acknowledged: the right to start one task of that type. Which one, the
/// record decides.
/// </summary>
/// <param name="Session">Where it was taken.</param>
/// <param name="Tag">Its number there.</param>
/// <param name="Type">The type.</param>
/// <param name="TakenAt">When.</param>
/// <param name="Flow">The subscription that brought it. Null: it was asked for.</param>
internal sealed record Claim(BrokerSession Session, ulong Tag, string Type, long TakenAt, Flow? Flow = null)
{
    /// <summary>It has done its work, and is not used again.</summary>
    public void Acknowledge()
    {
        Flow?.Settled();
        Session.Acknowledger.Acknowledge(Tag);
    }

    /// <summary>It goes back into its queue, for whoever has a slot.</summary>
    public void GiveBack()
    {
        Flow?.Settled();
        Session.Acknowledger.GiveBack(Tag);
    }
}
