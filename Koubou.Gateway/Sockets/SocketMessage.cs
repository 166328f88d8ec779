using System.Text.Json;
using System.Text.Json.Serialization;

namespace Koubou.Gateway.Sockets;

/// <summary>Every message of the WebSocket, both ways: <c>{"type": "…", "payload": {…}}</c>.</summary>
/// <param name="Type">What the payload is.</param>
/// <param name="Payload">The matter itself.</param>
internal sealed record SocketMessage<T>(string Type, T Payload)
{
    /// <summary>The event's number in the log, where the message is about one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Sequence { get; init; }

    /// <summary>The <c>request_id</c> of the message that this one answers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? RequestId { get; init; }
}
