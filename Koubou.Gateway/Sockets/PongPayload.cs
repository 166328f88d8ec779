namespace Koubou.Gateway.Sockets;

/// <summary>The answer to a ping says nothing more.</summary>
internal sealed record PongPayload;
