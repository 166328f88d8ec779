namespace Koubou.Scheduler.Dispatch;

/// <summary>Something that happens once, and those who wait for it.</summary>
internal sealed class Once
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private bool _happened;

    public void Happen()
    {
        lock (_gate)
        {
            _happened = true;
        }

        _waiting.ForEach(each => each.TrySetResult());
    }

    public async Task WaitAsync(CancellationToken cancellation)
    {
        // One for each who waits: to wait with a token for a task that all share would lead over another thread.
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_happened)
            {
                return;
            }

            _waiting.Add(mine);
        }

        await using var ending = cancellation.Register(() => mine.TrySetCanceled(cancellation));
        await mine.Task;
    }
}
