namespace Koubou.Gateway.GraphQL.Streams;

/// <summary>A sequence that is pulled, shown to the executor as one that is pushed, at the reader's pace.</summary>
internal sealed class PacedStream<T>(IAsyncEnumerable<T> source, Pace pace, CancellationToken cancellationToken)
    : IObservable<T?>
{
    public IDisposable Subscribe(IObserver<T?> observer)
    {
        var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = PushAsync(observer, running.Token);
        return new Subscription(running);
    }

    private async Task PushAsync(IObserver<T?> observer, CancellationToken until)
    {
        try
        {
            await foreach (var item in source.WithCancellation(until))
            {
                await pace.WaitAsync(until);
                observer.OnNext(item);
            }

            await pace.WaitAsync(until);
            observer.OnCompleted();
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        catch (Exception error)
        {
            observer.OnError(error);
        }
    }

    private sealed class Subscription(CancellationTokenSource running) : IDisposable
    {
        public void Dispose() => running.Cancel();
    }
}
