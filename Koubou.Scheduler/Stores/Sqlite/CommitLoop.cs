using Koubou.Contracts;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// The one writer: takes what has gathered, writes it in one transaction, and goes on. While it writes, the next group
/// gathers, so that many submits share an fsync and none waits longer than two.
/// </summary>
internal sealed partial class CommitLoop : IDisposable
{
    private readonly object gate;
    private readonly TimeProvider time;
    private readonly TimeSpan patience;
    private readonly ICommitTarget target;
    private readonly ILogger logger;
    private readonly Thread thread;
    private SqliteWriter? writer;
    private bool stopping;

    /// <param name="gate">Guards the batches; the loop waits on it.</param>
    /// <param name="target">Fills batches and learns what became of them.</param>
    /// <param name="patience">How long a batch that nobody waits for may gather.</param>
    /// <param name="time">For the time of the events.</param>
    /// <param name="logger">For failed writes.</param>
    public CommitLoop(object gate, ICommitTarget target, TimeSpan patience, TimeProvider time, ILogger logger)
    {
        this.gate = gate;
        this.target = target;
        this.patience = patience;
        this.time = time;
        this.logger = logger;
        thread = new Thread(Run) { Name = "koubou-commit", IsBackground = true };
    }

    /// <param name="with">Writes the batches.</param>
    /// <param name="byHand">Nothing is written but by <see cref="RunOnce"/>: time belongs to a simulation.</param>
    public void Start(SqliteWriter with, bool byHand)
    {
        writer = with;
        if (!byHand)
        {
            thread.Start();
        }
    }

    /// <summary>Writes what has gathered. False when there is nothing.</summary>
    public bool RunOnce()
    {
        lock (gate)
        {
            if (target.Gathered.IsEmpty && !target.Gathered.Urgent)
            {
                return false;
            }

            // Taken now, not waited for.
            target.Gathered.Urgent = true;
        }

        if (TakeBatch() is var (batch, images))
        {
            WriteOne(batch, images);
        }

        return true;
    }

    /// <summary>Tells that the batch changed. The caller holds the gate.</summary>
    public void Wake() => Monitor.Pulse(gate);

    /// <summary>Writes what has gathered, then ends.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.Pulse(gate);
        }

        if (thread.IsAlive)
        {
            thread.Join();
        }

        writer?.Dispose();
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
        lock (gate)
        {
            while (!target.Gathered.Urgent && !stopping)
            {
                if (target.Gathered.IsEmpty)
                {
                    Monitor.Wait(gate);
                }
                else if (!Monitor.Wait(gate, patience))
                {
                    break;
                }
            }

            // An empty batch that somebody waits for is taken too: what came before it is on disk by then.
            if (target.Gathered.IsEmpty && !target.Gathered.Urgent)
            {
                return null;
            }

            var batch = target.TakeGathered();
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
            events = batch.IsEmpty ? [] : writer!.Write(batch, images, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
        catch (SqliteException error)
        {
            var explained = SqliteErrors.Explain(error);
            LogWriteFailed(logger, explained.Message, error);
            target.OnFailed(batch, explained);
            return;
        }

        target.OnCommitted(batch, events);
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
