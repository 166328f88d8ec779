using System.Text.Json.Serialization;
using Koubou.Cli.Doctor;
using Koubou.Cli.Load;

namespace Koubou.Cli.Workshop;

/// <summary>JSON of the workshop's REST, and of what this program reports itself, in snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TaskJson))]
[JsonSerializable(typeof(TaskPageJson))]
[JsonSerializable(typeof(ReceiptJson))]
[JsonSerializable(typeof(BatchReplyJson))]
[JsonSerializable(typeof(ChangesJson))]
[JsonSerializable(typeof(BulkJson))]
[JsonSerializable(typeof(BatchJson))]
[JsonSerializable(typeof(BatchesJson))]
[JsonSerializable(typeof(WorkersJson))]
[JsonSerializable(typeof(WorkerJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(HealthJson))]
[JsonSerializable(typeof(ChangeEventJson))]
[JsonSerializable(typeof(ChunkJson))]
[JsonSerializable(typeof(ProgressJson))]
[JsonSerializable(typeof(ResetJson))]
[JsonSerializable(typeof(ImportJson))]
[JsonSerializable(typeof(Diagnosis))]
[JsonSerializable(typeof(LoadReport))]
internal sealed partial class WorkshopJson : JsonSerializerContext;
