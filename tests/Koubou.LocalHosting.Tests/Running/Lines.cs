using System.Text;
using System.Threading.Channels;

namespace Koubou.LocalHosting.Tests.Running;

/// <summary>Collects lines as they are written, and lets a test wait for one.</summary>
internal sealed class Lines : TextWriter
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly Channel<string> _unread = Channel.CreateUnbounded<string>();
    private readonly List<string> _read = [];

    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value) => _unread.Writer.TryWrite(value ?? "");

    /// <summary>The first line with this text, among those written already or still to come.</summary>
    public async Task<string> WaitForAsync(string text) =>
        _read.Find(line => line.Contains(text, StringComparison.Ordinal)) ?? await WaitForNextAsync(text);

    /// <summary>The first line with this text after the last line that was waited for.</summary>
    public async Task<string> WaitForNextAsync(string text)
    {
        using var over = new CancellationTokenSource(_patience);
        try
        {
            while (true)
            {
                var line = await _unread.Reader.ReadAsync(over.Token);
                _read.Add(line);
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException fault)
        {
            throw new TimeoutException($"No line with '{text}' came. Lines:\n{string.Join('\n', _read)}", fault);
        }
    }

    /// <summary>The number that ends the first line with this text: <c>second │ pid 4242</c>.</summary>
    public async Task<int> NumberAfterAsync(string text) =>
        int.Parse((await WaitForAsync(text)).Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Everything so far.</summary>
    public IReadOnlyList<string> All()
    {
        while (_unread.Reader.TryRead(out var line))
        {
            _read.Add(line);
        }

        return _read;
    }
}
