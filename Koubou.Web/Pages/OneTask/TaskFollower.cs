using System.Text;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Web.Live;

namespace Koubou.Web.Pages.OneTask;

/// <summary>
/// Follows one task for one open page: its record after each event, its output as it is written. Goes on by itself
/// after a break and after a retry.
/// </summary>
internal sealed class TaskFollower(TaskQueue.TaskQueueClient scheduler, string id, TimeSpan reconnectDelay, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _output = new();
    private readonly Signal _outputWanted = new();
    private readonly TaskCompletionSource _firstReading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isOutputOpen;
    private long _outputEndedAt;

    /// <summary>Set when there is something new to show.</summary>
    public Signal Changed { get; } = new();

    /// <summary>Done when the record was read, or is known not to be there.</summary>
    public Task FirstReading => _firstReading.Task;

    /// <summary>Null until it was read.</summary>
    public TaskRecord? Record { get; private set; }

    /// <summary>No task has this id, or it was deleted.</summary>
    public bool IsUnknown { get; private set; }

    public string Progress { get; private set; } = "";

    /// <summary>The output that belongs to the final state was read: what is not there now never comes.</summary>
    public bool IsOutputWhole => Record is { } record && record.State.IsFinal() && _outputEndedAt >= record.LastEvent;

    /// <summary>What was written so far.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
            {
                return _output.ToString();
            }
        }
    }

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(
        RepeatAsync(FollowRecordAsync, cancellation), RepeatAsync(FollowOutputAsync, cancellation));

    private async Task RepeatAsync(Func<CancellationToken, Task> follow, CancellationToken cancellation)
    {
        try
        {
            while (!IsUnknown)
            {
                try
                {
                    await follow(cancellation);
                }
                catch (RpcException error) when (!cancellation.IsCancellationRequested)
                {
                    if (error.StatusCode == StatusCode.NotFound)
                    {
                        Forget();
                        return;
                    }

                    await Task.Delay(reconnectDelay, clock, cancellation);
                }
            }
        }
        catch (Exception error) when (cancellation.IsCancellationRequested
            && error is OperationCanceledException or RpcException)
        {
            // The page was left.
        }
    }

    // The watch is open before the record is read, so that no change falls between them.
    private async Task FollowRecordAsync(CancellationToken cancellation)
    {
        using var events = scheduler.WatchEvents(
            new WatchEventsRequest { TaskIds = { id } }, cancellationToken: cancellation);
        var isFirst = true;
        await foreach (var batch in events.ResponseStream.ReadAllAsync(cancellation))
        {
            if (batch.Events.Any(change => change.Kind == EventKind.Deleted))
            {
                Forget();
                return;
            }

            if (isFirst || batch.Gap || batch.Events.Count > 0)
            {
                isFirst = false;
                Show(await scheduler.GetAsync(new GetRequest { Id = id }, cancellationToken: cancellation));
            }
        }
    }

    private async Task FollowOutputAsync(CancellationToken cancellation)
    {
        if (!_isOutputOpen)
        {
            await _outputWanted.WaitAsync(cancellation);
        }

        Clear();
        using var watch = scheduler.WatchOutput(new WatchOutputRequest { Id = id }, cancellationToken: cancellation);
        await foreach (var update in watch.ResponseStream.ReadAllAsync(cancellation))
        {
            Apply(update);
        }
    }

    private void Apply(OutputUpdate update)
    {
        switch (update.BodyCase)
        {
            case OutputUpdate.BodyOneofCase.Chunk:
                lock (_gate)
                {
                    // A chunk that begins earlier replaces what followed.
                    _output.Length = (int)Math.Min(_output.Length, update.Chunk.Offset);
                    _output.Append(update.Chunk.Text);
                }

                break;
            case OutputUpdate.BodyOneofCase.Reset:
                Clear();
                break;
            case OutputUpdate.BodyOneofCase.Progress:
                Progress = update.Progress;
                break;
            case OutputUpdate.BodyOneofCase.Final:
                _isOutputOpen = false;
                _outputEndedAt = update.Final.LastEvent;
                Progress = "";
                Show(update.Final);
                break;
        }

        Changed.Set();
    }

    private void Show(TaskRecord record)
    {
        if (Record is null || record.LastEvent >= Record.LastEvent)
        {
            Record = record;
        }

        // After a final state only later events can bring a new attempt with new output.
        if (!_isOutputOpen && record.LastEvent > _outputEndedAt)
        {
            _isOutputOpen = true;
            _outputWanted.Set();
        }

        _firstReading.TrySetResult();
        Changed.Set();
    }

    private void Clear()
    {
        lock (_gate)
        {
            _output.Clear();
        }

        Progress = "";
    }

    private void Forget()
    {
        IsUnknown = true;
        _outputWanted.Set();
        _firstReading.TrySetResult();
        Changed.Set();
    }
}
