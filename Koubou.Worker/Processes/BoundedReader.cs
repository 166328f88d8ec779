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

    /// <summary>Reads to the end and keeps the last characters.</summary>
    public static async Task ReadTailAsync(StreamReader reader, StringBuilder tail, int charsMax)
    {
        var buffer = new char[BufferChars];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            tail.Append(buffer, 0, count);
            if (tail.Length > charsMax)
            {
                tail.Remove(0, tail.Length - charsMax);
            }
        }
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
