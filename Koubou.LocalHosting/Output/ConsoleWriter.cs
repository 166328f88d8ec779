namespace Koubou.LocalHosting.Output;

/// <summary>
/// Writes whole lines: the workshop's own, and each service's behind its name. Colours only where a person looks:
/// not when redirected, not with NO_COLOR.
/// </summary>
internal sealed class ConsoleWriter(TextWriter output, bool colour)
{
    // Bright enough on dark and on light backgrounds; red is left for trouble.
    private static readonly int[] Palette = [36, 33, 35, 32, 34, 96, 93, 95];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _colours = [];
    private int _width;

    public static ConsoleWriter ForTerminal() => new(
        Console.Out,
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>Whether services may colour what they write.</summary>
    public bool Colour => colour;

    /// <summary>Makes the column of names wide enough for these.</summary>
    public void Introduce(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            _colours[name] = Palette[_colours.Count % Palette.Length];
            _width = Math.Max(_width, name.Length);
        }
    }

    /// <summary>A line that a service wrote.</summary>
    public void ServiceLine(string name, string line) => Write($"{Name(name)} │ {line}");

    /// <summary>What happens to a service.</summary>
    public void Progress(string name, string text) => Write($"{Name(name)} ● {text}");

    /// <summary>Trouble with a service.</summary>
    public void Trouble(string name, string text) => Write($"{Name(name)} {Paint("✗ " + text, 31)}");

    /// <summary>A line, or several, of the workshop's own.</summary>
    public void Say(string text) => Write(text);

    /// <summary>Trouble with the workshop.</summary>
    public void Trouble(string text) => Write(Paint(text, 31));

    private string Name(string name) => Paint(name.PadRight(_width), _colours.GetValueOrDefault(name, 37));

    private string Paint(string text, int code) => colour ? $"\e[{code}m{text}\e[0m" : text;

    private void Write(string text)
    {
        lock (_lock)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }
}
