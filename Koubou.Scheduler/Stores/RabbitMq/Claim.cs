namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// A message taken from a type's queue and not acknowledged: the right to start one task of that type. Which one, the
/// record decides.
/// </summary>
internal sealed record Claim(BrokerSession Session, ulong Tag, string Type, long TakenAt);
