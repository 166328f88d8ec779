namespace Koubou.Gateway.Rest.Native.Keys;

/// <summary>A key to make.</summary>
/// <param name="Name">The client of the tasks that come in with it; no two keys share one.</param>
/// <param name="Scopes">Default: submit and read.</param>
/// <param name="RequestsPerMinute">Default: no limit, as in the next three.</param>
/// <param name="ConcurrencyMax">Requests, streams and sockets held at one time.</param>
/// <param name="LiveTasksMax">Tasks that wait or run at one time.</param>
/// <param name="PriorityMax">The highest priority of its tasks, 1 to 10.</param>
/// <param name="ExpiresAt">A point in time with its offset. Default: never.</param>
public sealed record KeyRequest(
    string Name,
    IReadOnlyList<string>? Scopes,
    int? RequestsPerMinute,
    int? ConcurrencyMax,
    long? LiveTasksMax,
    int? PriorityMax,
    DateTimeOffset? ExpiresAt);
