namespace Koubou.Cli.Terminal;

/// <summary>A line at the bottom of the terminal that says what is waited for; gone when the wait is over.</summary>
internal sealed class StatusLine(TextWriter terminal)
{
    private const string Erase = "\r\e[K";
    private const int LengthMax = 78;

    private string _shown = "";

    public void Show(string text)
    {
        var line = text.Length > LengthMax ? text[..LengthMax] : text;
        if (line != _shown)
        {
            _shown = line;
            terminal.Write(Erase + line);
            terminal.Flush();
        }
    }

    public void Clear()
    {
        if (_shown.Length > 0)
        {
            _shown = "";
            terminal.Write(Erase);
            terminal.Flush();
        }
    }
}
