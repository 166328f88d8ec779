namespace Koubou.OllamaStandIn;

/// <summary>A list that tests can wait on instead of sleeping.</summary>
public sealed class SignalLog<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _items = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_gate)
            {
                return [.. _items];
            }
        }
    }

    public void Add(T item)
    {
        lock (_gate)
        {
            _items.Add(item);
            _added.SetResult();
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Returns the first item, past or future, that fits; fails after the limit.</summary>
    public async Task<T> FirstAsync(Func<T, bool> fits, TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        while (true)
        {
            Task added;
            lock (_gate)
            {
                foreach (var item in _items)
                {
                    if (fits(item))
                    {
                        return item;
                    }
                }

                added = _added.Task;
            }

            try
            {
                await added.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException(
                    $"Nothing that fits came within {limit}. Seen: {string.Join(" | ", Items)}", exception);
            }
        }
    }
}
