using Spectre.Console;

namespace Koubou.Cli.Terminal;

/// <summary>A text and how it looks. The look never says what the text does not.</summary>
internal readonly record struct Cell(string Text, Style Style)
{
    public static implicit operator Cell(string? text) => new(text ?? "", Style.Plain);

    public static Cell Dim(string text) => new(text, new Style(decoration: Decoration.Dim));

    public static Cell Strong(string text) => new(text, new Style(decoration: Decoration.Bold));

    public static Cell Good(string text) => new(text, Color.Green);

    public static Cell Warning(string text) => new(text, Color.Yellow);

    public static Cell Bad(string text) => new(text, Color.Red);

    /// <summary>A task's state, in the colour it has everywhere.</summary>
    public static Cell State(string state) => state switch
    {
        "succeeded" => Good(state),
        "failed" or "expired" => Bad(state),
        "running" => new Cell(state, Color.Aqua),
        "queued" or "scheduled" or "blocked" => Warning(state),
        _ => Dim(state),
    };
}
