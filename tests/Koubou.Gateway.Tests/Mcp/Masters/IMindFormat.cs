using System.Text.Json.Nodes;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>How a master speaks with its model.</summary>
internal interface IMindFormat
{
    string Path { get; }

    /// <summary>False for what the program asks beside the conversation, such as a title for it.</summary>
    bool IsConversation(JsonNode request);

    /// <summary>What tools have answered so far, as the model reads it.</summary>
    IReadOnlyList<string> Results(JsonNode request);

    /// <summary>What the user said.</summary>
    string Prompt(JsonNode request);

    /// <summary>A move as server-sent events.</summary>
    /// <param name="move">What the model does.</param>
    /// <param name="number">Makes ids unlike.</param>
    IEnumerable<JsonObject> Write(Move move, int number);
}
