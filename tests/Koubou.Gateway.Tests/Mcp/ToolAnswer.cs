using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Tests.Mcp;

/// <summary>What a tool answered.</summary>
internal sealed record ToolAnswer(CallToolResult Raw)
{
    public bool IsError => Raw.IsError is true;

    /// <summary>What a model reads.</summary>
    public string Text => Assert.Single(Raw.Content.OfType<TextContentBlock>()).Text;

    public JsonElement Content => Raw.StructuredContent!.Value;

    public JsonElement this[string name] => Content.GetProperty(name);

    public IEnumerable<string> UnreadIds =>
        this["unread"].GetProperty("results").EnumerateArray().Select(result => result.GetProperty("id").GetString()!);
}
