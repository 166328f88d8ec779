using System.Text.Json.Serialization;
using Koubou.Gateway.Keys;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Rest.Native.Keys;

/// <summary>An API key, without the key.</summary>
/// <param name="Id">Names it; revoke it by this.</param>
/// <param name="Name">The client of the tasks that come in with it.</param>
/// <param name="Scopes"><c>submit</c>, <c>read</c>, <c>admin</c>, <c>allow-private</c>, <c>allow-any</c>.</param>
/// <param name="RequestsPerMinute">Null: no limit of its own, as in the next three.</param>
/// <param name="ConcurrencyMax">Requests, streams and sockets held at one time.</param>
/// <param name="LiveTasksMax">Tasks that wait or run at one time.</param>
/// <param name="PriorityMax">The highest priority of its tasks.</param>
/// <param name="ExpiresAt">UTC; null: never.</param>
/// <param name="CreatedAt">UTC; null: the key stands in configuration and is revoked there.</param>
public sealed record KeyView(
    string Id,
    string Name,
    IReadOnlyList<string> Scopes,
    int? RequestsPerMinute,
    int? ConcurrencyMax,
    long? LiveTasksMax,
    int? PriorityMax,
    DateTime? ExpiresAt,
    DateTime? CreatedAt)
{
    /// <summary>The key itself; only in the answer that makes it, and never again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    internal static KeyView Of(HeldKey key) => Of(key.Id, key.Name, key.Rights, key.CreatedAt);

    internal static KeyView Of(StoredKey key) => Of(key.Id, key.Name, key.Rights, key.CreatedAt);

    private static KeyView Of(string id, string name, KeyRights rights, DateTimeOffset? createdAt) => new(
        id,
        name,
        rights.Scopes.ToWords(),
        rights.RequestsPerMinute == 0 ? null : rights.RequestsPerMinute,
        rights.ConcurrencyMax == 0 ? null : rights.ConcurrencyMax,
        rights.LiveTasksMax == 0 ? null : rights.LiveTasksMax,
        rights.PriorityMax == 0 ? null : rights.PriorityMax,
        rights.ExpiresAt?.UtcDateTime,
        createdAt?.UtcDateTime);
}
