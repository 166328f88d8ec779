using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Koubou.Cli.Terminal;

/// <summary>
/// Where results and notes go. On a terminal tables fit its width and have colour (unless <c>NO_COLOR</c> says no); in a
/// pipe each row is one plain line with nothing cut off.
/// </summary>
internal sealed class Surface
{
    private const int PipeWidth = 100_000;
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly IAnsiConsole _console;

    private Surface(TextWriter output, TextWriter notes, bool isTerminal, bool notesAreTerminal)
    {
        Output = output;
        Notes = notes;
        IsTerminal = isTerminal;
        Status = new StatusLine(notesAreTerminal ? notes : TextWriter.Null);
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal && !NoColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (!isTerminal)
        {
            _console.Profile.Width = PipeWidth;
        }
    }

    public TextWriter Output { get; }

    public TextWriter Notes { get; }

    public bool IsTerminal { get; }

    /// <summary>One line that is written over while something is waited for.</summary>
    public StatusLine Status { get; }

    // https://no-color.org: any value but an empty one.
    private static bool NoColor => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public static Surface Of(ParseResult parsed)
    {
        var (output, notes) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        return new Surface(
            output,
            notes,
            ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected,
            ReferenceEquals(notes, Console.Error) && !Console.IsErrorRedirected);
    }

    public void Write(Rows rows) => _console.Write(rows.ToTable(IsTerminal));

    /// <summary>A line that may have colour.</summary>
    public void WriteLine(params ReadOnlySpan<Cell> cells)
    {
        var line = new Paragraph();
        foreach (var cell in cells)
        {
            line.Append(cell.Text, cell.Style);
        }

        _console.Write(line);
        _console.WriteLine();
    }

    /// <summary>JSON for a script: as it came, on a terminal with indents.</summary>
    public async Task WriteJsonAsync(JsonElement value)
    {
        if (!IsTerminal)
        {
            await Output.WriteLineAsync(value.GetRawText());
            return;
        }

        using var text = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(text, Indented))
        {
            value.WriteTo(writer);
        }

        await Output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(text.ToArray()));
    }

    public Task NoteAsync(string sentence) => Notes.WriteLineAsync(sentence);
}
