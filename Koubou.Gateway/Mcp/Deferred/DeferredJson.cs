using System.Text.Json.Serialization;

namespace Koubou.Gateway.Mcp.Deferred;

/// <summary>JSON of the tasks extension.</summary>
[JsonSerializable(typeof(DeferredCall))]
internal sealed partial class DeferredJson : JsonSerializerContext;
