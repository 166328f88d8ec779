namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Ready tasks of one lane and priority: a line for each client.</summary>
/// <remarks>
/// Both orders hold entries that were overtaken: a client goes back with what it gets elsewhere, a head goes when it is
/// taken. They are put right when they come to the front.
/// </remarks>
internal sealed class LaneLevel
{
    // Beyond so many, lines without tasks are forgotten.
    private const int IdleMax = 1_024;

    private readonly Dictionary<string, ClientLine> _lines = new(StringComparer.Ordinal);

    // By the tag of the client.
    private readonly PriorityQueue<ClientLine, long> _turns = new();

    // By the age of the head.
    private readonly PriorityQueue<ClientLine, long> _ages = new();

    public void Add(LiveTask task, ClientShare share)
    {
        if (!_lines.TryGetValue(task.Client, out var line) || line.Share != share)
        {
            // A client that was forgotten meanwhile has a share of its own again; its old line is empty.
            line = new ClientLine(share);
            _lines[task.Client] = line;
        }

        line.Add(task);
        if (!line.AwaitsTurn)
        {
            AwaitTurn(line);
        }

        if (task.Id.Key < line.AgeKey)
        {
            Age(line, task);
        }
    }

    /// <summary>The client whose turn it is, or null when nothing waits.</summary>
    public ClientLine? Next()
    {
        while (_turns.TryPeek(out var line, out var tag))
        {
            if (line.Head() is null)
            {
                _turns.Dequeue();
                line.AwaitsTurn = false;
                ForgetIfMany(line);
            }
            else if (line.Share.Tag != tag)
            {
                _turns.Dequeue();
                AwaitTurn(line);
            }
            else
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>The task that was submitted first, or null.</summary>
    public LiveTask? Oldest()
    {
        while (_ages.TryPeek(out var line, out var key))
        {
            if (key == line.AgeKey && line.Head() is { } head)
            {
                if (head.Id.Key == key)
                {
                    return head;
                }

                _ages.Dequeue();
                Age(line, head);
            }
            else
            {
                _ages.Dequeue();
                line.AgeKey = key == line.AgeKey ? long.MaxValue : line.AgeKey;
            }
        }

        return null;
    }

    /// <summary>How many tasks of the same client go before this one.</summary>
    public int CountOwnBefore(LiveTask task) =>
        _lines.TryGetValue(task.Client, out var line) ? line.CountBefore(task.Id.Key) : 0;

    private void AwaitTurn(ClientLine line)
    {
        line.AwaitsTurn = true;
        _turns.Enqueue(line, line.Share.Tag);
    }

    private void Age(ClientLine line, LiveTask head)
    {
        line.AgeKey = head.Id.Key;
        _ages.Enqueue(line, head.Id.Key);
    }

    private void ForgetIfMany(ClientLine line)
    {
        if (_lines.Count > IdleMax && _lines.TryGetValue(line.Share.Client, out var present) && present == line)
        {
            _lines.Remove(line.Share.Client);
        }
    }
}
