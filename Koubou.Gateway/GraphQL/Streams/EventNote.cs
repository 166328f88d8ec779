using Koubou.Gateway.Events;

namespace Koubou.Gateway.GraphQL.Streams;

/// <summary>One message of the log of changes.</summary>
/// <param name="Sequence">Resume with the number behind it: <c>from: sequence + 1</c>.</param>
/// <param name="Gap">Changes before this one were left out: read the tasks anew.</param>
/// <param name="Missed">Which ones, and why.</param>
/// <param name="Change">What happened; null in the first message, which only says where the watch begins.</param>
internal sealed record EventNote(long Sequence, bool Gap, Missed? Missed, TaskUpdatePayload? Change);
