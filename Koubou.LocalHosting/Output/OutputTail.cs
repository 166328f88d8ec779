namespace Koubou.LocalHosting.Output;

/// <summary>Keeps the last lines that a service wrote, so that a failed start can show them.</summary>
internal sealed class OutputTail
{
    private const int LinesMax = 20;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesMax)
            {
                _lines.Dequeue();
            }
        }
    }

    public IReadOnlyList<string> Lines()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }
}
