namespace Koubou.Web.Live;

/// <summary>
/// Reads anew after changes: at once, then again after a pause when more has changed meanwhile; never twice at a time.
/// For one component, on its own dispatcher.
/// </summary>
internal sealed class Refresher(Func<CancellationToken, Task> read, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(750);
    private readonly CancellationTokenSource _gone = new();
    private bool _isWanted;
    private bool _isRunning;

    /// <summary>The next reading begins now, or after the pause.</summary>
    public void Want()
    {
        _isWanted = true;
        if (!_isRunning)
        {
            _isRunning = true;
            _ = RunAsync(_gone.Token);
        }
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task RunAsync(CancellationToken gone)
    {
        try
        {
            while (_isWanted && !gone.IsCancellationRequested)
            {
                _isWanted = false;
                await read(gone);
                await Task.Delay(Pause, clock, gone);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The page was left.
        }
        finally
        {
            _isRunning = false;
        }
    }
}
