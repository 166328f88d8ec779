using Koubou.Contracts;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// The one writer: takes what has gathered, writes it in one transaction, and goes on. While it writes, the next group
/// gathers, so that many submits share an fsync and none waits longer than two.
/// </summary>
internal sealed partial class CommitLoop : IDisposable
{
    private readonly object _gate;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly ICommitTarget _target;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private SqliteWriter? _writer;
    private bool _stopping;

    /// <param name="gate">Guards the batches; the loop waits on it.</param>
    /// <param name="target">Fills batches and learns what became of them.</param>
    /// <param name="patience">How long a batch that nobody waits for may gather.</param>
    /// <param name="time">For the time of the events.</param>
    /// <param name="logger">For failed writes.</param>
    public CommitLoop(object gate, ICommitTarget target, TimeSpan patience, TimeProvider time, ILogger logger)
    {
        _gate = gate;
        _target = target;
        _patience = patience;
        _time = time;
        _logger = logger;
        _thread = new Thread(Run) { Name = "koubou-commit", IsBackground = true };
    }

    /// <param name="with">Writes the batches.</param>
    /// <param name="byHand">Nothing is written but by <see cref="RunOnce"/>: time belongs to a simulation.</param>
    public void Start(SqliteWriter with, bool byHand)
    {
        _writer = with;
        if (!byHand)
        {
            _thread.Start();
        }
    }

    /// <summary>Writes what has gathered. False when there is nothing.</summary>
    public bool RunOnce()
    {
        lock (_gate)
        {
            if (_target.Gathered.IsEmpty && !_target.Gathered.Urgent)
            {
                return false;
            }

            // Taken now, not waited for.
            _target.Gathered.Urgent = true;
        }

        if (TakeBatch() is var (batch, images))
        {
            WriteOne(batch, images);
        }

        return true;
    }

    /// <summary>Tells that the batch changed. The caller holds the gate.</summary>
    public void Wake() => Monitor.Pulse(_gate);

    /// <summary>Writes what has gathered, then ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _writer?.Dispose();
    }

    private void Run()
    {
        while (TakeBatch() is var (batch, images))
        {
            WriteOne(batch, images);
        }
    }

    private (WriteBatch Batch, List<RowImage> Images)? TakeBatch()
    {
        lock (_gate)
        {
            while (!_target.Gathered.Urgent && !_stopping)
            {
                if (_target.Gathered.IsEmpty)
                {
                    Monitor.Wait(_gate);
                }
                else if (!Monitor.Wait(_gate, _patience))
                {
                    break;
                }
            }

            // An empty batch that somebody waits for is taken too: what came before it is on disk by then.
            if (_target.Gathered.IsEmpty && !_target.Gathered.Urgent)
            {
                return null;
            }

            var batch = _target.TakeGathered();
            var images = new List<RowImage>(batch.Dirty.Count);
            foreach (var task in batch.Dirty)
            {
                images.Add(task.ToImage());
            }

            return (batch, images);
        }
    }

    private void WriteOne(WriteBatch batch, List<RowImage> images)
    {
        IReadOnlyList<TaskEvent> events;
        try
        {
            events = batch.IsEmpty ? [] : _writer!.Write(batch, images, _time.GetUtcNow().ToUnixTimeMilliseconds());
        }
        catch (SqliteException error)
        {
            var explained = SqliteErrors.Explain(error);
            LogWriteFailed(_logger, explained.Message, error);
            _target.OnFailed(batch, explained);
            return;
        }

        _target.OnCommitted(batch, events);
    }

    [LoggerMessage(LogLevel.Error, "The queue could not be written, and what it was asked is refused: {Reason}")]
    private static partial void LogWriteFailed(ILogger logger, string reason, Exception error);
}

/// <summary>Whose batches the commit loop writes.</summary>
internal interface ICommitTarget
{
    /// <summary>What has gathered. Read under the gate.</summary>
    WriteBatch Gathered { get; }

    /// <summary>Takes what has gathered and begins anew. Called under the gate.</summary>
    WriteBatch TakeGathered();

    void OnCommitted(WriteBatch batch, IReadOnlyList<TaskEvent> events);

    void OnFailed(WriteBatch batch, StoreUnusableException error);
}
