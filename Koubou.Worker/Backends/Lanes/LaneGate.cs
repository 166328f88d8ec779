namespace Koubou.Worker.Backends.Lanes;

/// <summary>Lets as many calls through as its width says, in the order of their coming. The width may change any time.</summary>
internal sealed class LaneGate(int width)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _width = width;
    private int _inside;

    public int Inside => Volatile.Read(ref _inside);

    public int Width => Volatile.Read(ref _width);

    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            if (_inside < _width && _waiting.Count == 0)
            {
                _inside++;
                return;
            }

            place = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            await place.Value.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place);
            throw;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _inside--;
            Admit();
        }
    }

    public void SetWidth(int width)
    {
        lock (_lock)
        {
            _width = width;
            Admit();
        }
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource> place)
    {
        lock (_lock)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
                return;
            }

            // Admitted in the same moment: the place goes to the next one.
            _inside--;
            Admit();
        }
    }

    private void Admit()
    {
        while (_inside < _width && _waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            _inside++;
            first.Value.SetResult();
        }
    }
}
