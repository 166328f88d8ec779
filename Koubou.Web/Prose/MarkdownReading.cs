using Markdig;
using Markdig.Syntax;

namespace Koubou.Web.Prose;

/// <summary>Reads Markdown into blocks. HTML in it stays text: nothing that a model writes becomes markup of the page.</summary>
internal static class MarkdownReading
{
    /// <summary>Longer texts are shown plain: to read them anew for each piece that streams in would cost too much.</summary>
    public const int LengthMax = 100_000;

    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseAutoLinks().Build();

    /// <summary>Null: too long or nested too deeply to be read as Markdown.</summary>
    public static MarkdownDocument? Read(string text)
    {
        if (text.Length > LengthMax)
        {
            return null;
        }

        try
        {
            return Markdown.Parse(text, Pipeline);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether a link may be followed: only to the web and to mail, never to a script.</summary>
    public static bool IsSafe(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https" or "mailto");
}
