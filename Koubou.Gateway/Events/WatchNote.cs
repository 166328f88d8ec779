using Koubou.Contracts;

namespace Koubou.Gateway.Events;

/// <summary>One step of a watch. The first says only where it begins: from there on nothing is passed over unsaid.</summary>
/// <param name="Sequence">The newest number that the reader now knows of.</param>
/// <param name="Change">What happened.</param>
/// <param name="Missed">What was left out before this step.</param>
internal sealed record WatchNote(long Sequence, TaskEvent? Change = null, Missed? Missed = null);
