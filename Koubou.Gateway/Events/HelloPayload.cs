namespace Koubou.Gateway.Events;

/// <summary>The first message: from here on every update is sent.</summary>
internal sealed record HelloPayload(long LastSequence);
