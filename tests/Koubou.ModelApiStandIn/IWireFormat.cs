using System.Text.Json;

namespace Koubou.ModelApiStandIn;

/// <summary>How one maker's protocol looks on the wire.</summary>
public interface IWireFormat
{
    string Name { get; }

    /// <summary>What the endpoint's address ends with.</summary>
    string Prefix { get; }

    string ModelsPath { get; }

    string ChatPath { get; }

    /// <summary>The key that came with a request. Null: none.</summary>
    string? KeyOf(HttpRequest request);

    /// <summary>The last user message.</summary>
    string PromptOf(JsonElement body);

    object ModelList(IEnumerable<string> models);

    object Error(int status, string code, string message);

    /// <summary>The events of an answer; each is <c>event</c> (or null) and <c>data</c>.</summary>
    IEnumerable<(string? Event, string Data)> Begin(string model, string prompt);

    (string? Event, string Data) Piece(string model, string text);

    IEnumerable<(string? Event, string Data)> End(string model, string prompt, int pieces, bool withUsage);

    (string? Event, string Data) StreamError(string code, string message);
}
