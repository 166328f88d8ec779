namespace Koubou.Gateway.Sockets;

/// <summary>The task is cancelled; running work ends on its node.</summary>
internal sealed record CancelledPayload(string TaskId);
