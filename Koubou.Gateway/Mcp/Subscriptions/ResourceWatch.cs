namespace Koubou.Gateway.Mcp.Subscriptions;

/// <summary>One client's wish to hear of changes of one resource.</summary>
/// <param name="Owner">The session, or the one request that listens.</param>
/// <param name="Uri">As the client wrote it.</param>
/// <param name="TaskId">The task it is about; null: the workshop.</param>
/// <param name="Tell">Sends the notification.</param>
internal sealed record ResourceWatch(object Owner, string Uri, string? TaskId, Func<string, Task> Tell);
