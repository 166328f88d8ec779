using System.Text;

namespace Koubou.Worker.Processes;

/// <summary>Reads a child's output within bounds: a program gone wild must not fill the worker's memory.</summary>
internal static class BoundedReader
{
    private const int BufferChars = 4096;

    /// <summary>Hands over line after line. Throws <see cref="ChildFault.WroteTooMuch"/> beyond the bounds.</summary>
    public static async Task ReadLinesAsync(
        StreamReader reader, int lineMax, long allMax, Func<string, ValueTask> onLine)
    {
        var buffer = new char[BufferChars];
        var line = new StringBuilder();
        var all = 0L;
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            all += count;
            var rest = buffer.AsMemory(0, count);
            int end;
            while ((end = rest.Span.IndexOf('\n')) >= 0)
            {
                line.Append(rest.Span[..end]);
                Check(line.Length, lineMax, all, allMax);
                await onLine(Take(line));
                rest = rest[(end + 1)..];
            }

            line.Append(rest.Span);
            Check(line.Length, lineMax, all, allMax);
        }

        if (line.Length > 0)
        {
            await onLine(Take(line));
        }
    }

    /// <summary>Reads to the end and keeps the last characters; lines that are taken are not among them.</summary>
    public static async Task ReadTailAsync(StreamReader reader, StringBuilder tail, int charsMax, Func<string, bool> takes)
    {
        var buffer = new char[BufferChars];
        var line = new StringBuilder();
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            foreach (var letter in buffer.AsMemory(0, count).ToArray())
            {
                line.Append(letter);
                if (letter == '\n' || line.Length >= charsMax)
                {
                    Keep(line, tail, charsMax, takes);
                }
            }
        }

        Keep(line, tail, charsMax, takes);
    }

    private static void Keep(StringBuilder line, StringBuilder tail, int charsMax, Func<string, bool> takes)
    {
        if (!takes(line.ToString()))
        {
            tail.Append(line);
            tail.Remove(0, Math.Max(0, tail.Length - charsMax));
        }

        line.Clear();
    }

    private static string Take(StringBuilder line)
    {
        var text = line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : line.ToString();
        line.Clear();
        return text;
    }

    private static void Check(int line, int lineMax, long all, long allMax)
    {
        if (line > lineMax || all > allMax)
        {
            throw new ChildException(ChildFault.WroteTooMuch, line > lineMax
                ? $"It wrote a line of more than {lineMax} characters."
                : $"It wrote more than {allMax} characters.");
        }
    }
}
