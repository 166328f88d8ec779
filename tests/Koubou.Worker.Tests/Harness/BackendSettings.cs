using Koubou.ModelApiStandIn;
using Koubou.OllamaStandIn;

namespace Koubou.Worker.Tests.Harness;

/// <summary>Settings that name backends.</summary>
internal static class BackendSettings
{
    public static void AddBackend(
        this Dictionary<string, string?> values, string name, string kind, Uri endpoint, string model = "small")
    {
        var section = $"Koubou:Worker:Backends:{name}:";
        values[section + "Kind"] = kind;
        values[section + "Endpoint"] = endpoint.AbsoluteUri;
        values[section + "Model"] = model;
        values[section + "ProbeInterval"] = "00:00:00.100";
    }

    public static void AddBackend(this Dictionary<string, string?> values, string name, StandInServer ollama) =>
        values.AddBackend(name, "ollama", ollama.Address, "gemma2:2b");

    public static void AddBackend(this Dictionary<string, string?> values, string name, string kind, ModelApiServer server) =>
        values.AddBackend(name, kind, server.Endpoint);

    public static void Set(this Dictionary<string, string?> values, string name, string key, string value) =>
        values[$"Koubou:Worker:Backends:{name}:{key}"] = value;
}
