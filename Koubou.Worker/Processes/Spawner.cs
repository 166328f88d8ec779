using System.Collections.Concurrent;
using System.Diagnostics;

namespace Koubou.Worker.Processes;

/// <summary>
/// Starts processes on one thread that lives as long as the program. Linux takes the death of the thread that forked for
/// the death of the parent: a child that asked to die with its parent would otherwise be killed when the thread pool
/// gives up an idle thread.
/// </summary>
internal sealed class Spawner : IDisposable
{
    private const int WaitingMax = 1024;

    private readonly BlockingCollection<Action> _wishes = new(WaitingMax);

    public Spawner() => new Thread(Run) { IsBackground = true, Name = "Koubou child processes" }.Start();

    public Task<Process> StartAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wishes.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(info)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task;
    }

    public void Dispose() => _wishes.CompleteAdding();

    private void Run()
    {
        foreach (var wish in _wishes.GetConsumingEnumerable())
        {
            wish();
        }

        _wishes.Dispose();
    }
}
