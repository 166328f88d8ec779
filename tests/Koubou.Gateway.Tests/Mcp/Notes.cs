using System.Threading.Channels;
using ModelContextProtocol;

namespace Koubou.Gateway.Tests.Mcp;

/// <summary>Progress notes as they come; a test waits for the one that it needs.</summary>
internal sealed class Notes : IProgress<ProgressNotificationValue>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<ProgressNotificationValue> _notes = Channel.CreateUnbounded<ProgressNotificationValue>();
    private readonly CancellationTokenSource _impatient = new(Patience);

    public List<float> Values { get; } = [];

    public void Report(ProgressNotificationValue value)
    {
        lock (Values)
        {
            Values.Add(value.Progress);
        }

        _notes.Writer.TryWrite(value);
    }

    /// <summary>Waits for a note that holds those words.</summary>
    public async Task HeardAsync(string words)
    {
        while (true)
        {
            var note = await _notes.Reader.ReadAsync(_impatient.Token);
            if (note.Message?.Contains(words, StringComparison.Ordinal) is true)
            {
                return;
            }
        }
    }

    public void Dispose() => _impatient.Dispose();
}
