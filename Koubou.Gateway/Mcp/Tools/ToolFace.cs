using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.ServiceDefaults.Keys;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>What clients see of a tool.</summary>
internal sealed record ToolFace
{
    /// <summary>Claude Code cuts longer descriptions.</summary>
    public const int DescriptionMax = 2_048;

    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required JsonElement Arguments { get; init; }

    /// <summary>Changes nothing; Claude Code runs only such tools in parallel.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>What the caller's key must grant.</summary>
    public KeyScopes Scope => IsReadOnly ? KeyScopes.Read : KeyScopes.Submit;

    /// <summary>Ends or discards something.</summary>
    public bool IsDestructive { get; init; }

    /// <summary>The second call with the same arguments changes nothing more.</summary>
    public bool IsIdempotent { get; init; }

    /// <summary>Always before the model's eyes, never behind a search for tools.</summary>
    public bool AlwaysLoad { get; init; }

    /// <summary>Characters that a client should let through before it cuts; null: the client's own bound.</summary>
    public int? ResultCharactersMax { get; init; }

    public Tool ToTool(JsonElement outputSchema) => new()
    {
        Name = Name,
        Title = Title,
        Description = Description,
        InputSchema = Arguments,
        OutputSchema = outputSchema,
        Annotations = new ToolAnnotations
        {
            Title = Title,
            ReadOnlyHint = IsReadOnly,
            DestructiveHint = IsDestructive,
            IdempotentHint = IsReadOnly || IsIdempotent,
            OpenWorldHint = false,
        },
        Meta = Meta(),
    };

    private JsonObject? Meta()
    {
        var meta = new JsonObject();
        if (AlwaysLoad)
        {
            meta["anthropic/alwaysLoad"] = true;
        }

        if (ResultCharactersMax is { } characters)
        {
            meta["anthropic/maxResultSizeChars"] = characters;
        }

        return meta.Count > 0 ? meta : null;
    }
}
