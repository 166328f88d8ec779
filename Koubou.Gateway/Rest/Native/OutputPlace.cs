using System.Globalization;
using Koubou.Contracts;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.Rest.Native;

/// <summary>
/// A place in an output that may be written anew: how far, and in which attempt. As the id of an event <c>2:1024</c>; a
/// bare <c>1024</c> is of whichever attempt is the newest.
/// </summary>
/// <param name="Offset">In UTF-16 units.</param>
/// <param name="Attempt">0: not said.</param>
internal readonly record struct OutputPlace(long Offset, int Attempt)
{
    /// <summary>The id of the last event.</summary>
    public const string End = "done";

    /// <summary>The client has seen the end.</summary>
    public bool IsEnd { get; private init; }

    /// <summary>What is wrong with the place that was asked for.</summary>
    public string? Fault { get; private init; }

    /// <summary>The place behind a piece: where to resume.</summary>
    public static string Behind(OutputChunk chunk) => new OutputPlace(chunk.Offset + chunk.Text.Length, chunk.Attempt).ToString();

    /// <summary>Where to begin: <c>Last-Event-ID</c>, from a browser that lost the connection, else <c>?offset=</c>.</summary>
    public static OutputPlace Of(HttpRequest request)
    {
        var last = request.Headers["Last-Event-ID"].ToString();
        return Parse(last.Length > 0 ? last
            : request.Query.TryGetValue("offset", out var offset) ? offset.ToString()
            : "0");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Attempt}:{Offset}");

    private static OutputPlace Parse(string text)
    {
        if (text == End)
        {
            return new OutputPlace { IsEnd = true };
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var attempt = 0;
        return long.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && (colon < 0 || int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out attempt))
                ? new OutputPlace(offset, attempt)
                : new OutputPlace
                {
                    Fault = $"must be a whole number from 0, or the id of an event such as 2:1024; was \"{Problems.Shorten(text)}\"",
                };
    }
}
