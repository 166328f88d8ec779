namespace Koubou.Worker.Processes.Relays;

/// <summary>
/// The one way out of a child's own network: a port on its own loopback, each connection to which leads to a Unix socket.
/// </summary>
/// <param name="Socket">The socket's path; the worker listens there. Nobody there: connections are closed again.</param>
/// <param name="Port">The port inside.</param>
internal sealed record LoopbackRelay(string Socket, int Port);
