using System.Text.Json.Serialization;

namespace Koubou.ServiceDefaults.Keys;

[JsonSerializable(typeof(string[]))]
internal sealed partial class KeyWordsJson : JsonSerializerContext;
