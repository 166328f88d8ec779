using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Koubou.Gateway.Mcp.Replies;

/// <summary>What a tool answers. Its JSON is the structured content; <see cref="ReplyText"/> makes the equal text.</summary>
internal abstract record Reply
{
    /// <summary>Filled in last, for every tool alike.</summary>
    [JsonPropertyOrder(100)]
    [Description("Finished results of this client that have not been read yet.")]
    public UnreadView Unread { get; init; } = UnreadView.None;
}

/// <summary>Finished results that the client has not read yet.</summary>
/// <param name="Count">How many in all.</param>
/// <param name="Results">The oldest of them.</param>
/// <param name="Next">What to do about them.</param>
internal sealed record UnreadView(int Count, IReadOnlyList<UnreadResult> Results, string? Next)
{
    public static UnreadView None { get; } = new(0, [], null);
}

/// <summary>One of them.</summary>
internal sealed record UnreadResult(string Id, string State, string Title);
