using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Events;
using Koubou.Gateway.Rest.Legacy;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Rest.Native.Keys;
using Koubou.Gateway.Rest.Native.Operations;
using Koubou.Gateway.Sockets;

namespace Koubou.Gateway.Rest;

/// <summary>Everything that this service writes as JSON, in snake_case, with code generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(DelegateReply))]
[JsonSerializable(typeof(LegacyStatus))]
[JsonSerializable(typeof(ReceiptView))]
[JsonSerializable(typeof(BatchReply))]
[JsonSerializable(typeof(TaskView))]
[JsonSerializable(typeof(TaskPage))]
[JsonSerializable(typeof(ArtifactView))]
[JsonSerializable(typeof(ChangeView))]
[JsonSerializable(typeof(ChangesReply))]
[JsonSerializable(typeof(IdsRequest))]
[JsonSerializable(typeof(WorkersReply))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(TypesReply))]
[JsonSerializable(typeof(BatchesReply))]
[JsonSerializable(typeof(BatchView))]
[JsonSerializable(typeof(BulkReply))]
[JsonSerializable(typeof(ImportView))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(MetricsView))]
[JsonSerializable(typeof(SettingsView))]
[JsonSerializable(typeof(LimitsRequest))]
[JsonSerializable(typeof(WorkerView))]
[JsonSerializable(typeof(KeysReply))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(OutputChunkView))]
[JsonSerializable(typeof(OutputResetView))]
[JsonSerializable(typeof(OutputProgressView))]
[JsonSerializable(typeof(SocketMessage<HelloPayload>))]
[JsonSerializable(typeof(SocketMessage<TaskUpdatePayload>))]
[JsonSerializable(typeof(SocketMessage<DelegateReply>))]
[JsonSerializable(typeof(SocketMessage<Problem>))]
[JsonSerializable(typeof(SocketMessage<GapPayload>))]
[JsonSerializable(typeof(SocketMessage<PongPayload>))]
[JsonSerializable(typeof(SocketMessage<CancelledPayload>))]
internal sealed partial class RestJson : JsonSerializerContext
{
    /// <summary>
    /// Writes Japanese and code as they are. Safe because every answer says that it is JSON, never HTML.
    /// </summary>
    public static RestJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
