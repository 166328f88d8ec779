using System.Threading.Channels;
using Koubou.Contracts;
using Koubou.Worker.Pool;

namespace Koubou.Worker.Nodes;

/// <summary>
/// What waits to be sent on one stream. Everything that gathers while a frame is being written leaves together in the
/// next one. Bounded by what fills it: one report for each lease, one entry for each craftsman with news.
/// </summary>
/// <param name="currentOffer">Tells the node's offer when a frame needs it.</param>
internal sealed class Outbox(Func<NodeOffer> currentOffer)
{
    // Keeps a frame far below what gRPC lets through, even where every character takes three bytes.
    private const int FrameCharsMax = 4 * 1024 * 1024;
    private const int FrameReportsMax = 2048;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Queue<TaskReport> _reports = new();
    private readonly Queue<Work> _news = new();
    private List<HeldLease>? _heartbeat;
    private int _credit;
    private bool _offer;
    private bool _draining;
    private bool _signalled;

    public void Post(TaskReport report)
    {
        lock (_gate)
        {
            _reports.Enqueue(report);
            Signal();
        }
    }

    /// <summary>Grants credit, or takes it back where negative.</summary>
    public void PostCredit(int change)
    {
        lock (_gate)
        {
            _credit += change;
            Signal();
        }
    }

    public void PostHeartbeat(List<HeldLease> held)
    {
        lock (_gate)
        {
            _heartbeat = held;
            Signal();
        }
    }

    public void PostOffer()
    {
        lock (_gate)
        {
            _offer = true;
            Signal();
        }
    }

    public void PostDraining()
    {
        lock (_gate)
        {
            _draining = true;
            Signal();
        }
    }

    /// <summary>Notes that the work has output or progress; it is asked for it when the frame is made.</summary>
    public void HasNews(Work work)
    {
        lock (_gate)
        {
            if (!work.Listed)
            {
                work.Listed = true;
                _news.Enqueue(work);
                Signal();
            }
        }
    }

    /// <summary>Waits until there is something to say.</summary>
    public async ValueTask WhenFilledAsync(CancellationToken cancellationToken) =>
        await _signal.Reader.ReadAsync(cancellationToken);

    /// <summary>Takes all that there is to say, or as much as fits into one frame.</summary>
    public NodeMessage Take()
    {
        var frame = new NodeMessage();
        lock (_gate)
        {
            _signalled = false;
            TakeReports(frame);
            TakeNews(frame);
            if (_heartbeat is { } held)
            {
                frame.Heartbeat = new Heartbeat { Held = { held } };
                _heartbeat = null;
            }

            frame.Draining = _draining;
            _draining = false;
            if (_reports.Count > 0 || _news.Count > 0)
            {
                Signal();
            }

            // Credit belongs to slots that these reports free, so it never travels before them.
            if (_reports.Count == 0)
            {
                frame.Credit = _credit;
                _credit = 0;
            }

            if (!_offer)
            {
                return frame;
            }

            _offer = false;
        }

        // Outside the lock: the offer asks the pool, and the pool posts under its own.
        frame.Offer = currentOffer();
        return frame;
    }

    private void TakeReports(NodeMessage frame)
    {
        var chars = 0;
        while (chars < FrameCharsMax && frame.Reports.Count < FrameReportsMax && _reports.TryDequeue(out var report))
        {
            chars += report.Completed is { } completed ? completed.Output.Length + completed.StructuredOutput.Length : 0;
            frame.Reports.Add(report);
        }
    }

    private void TakeNews(NodeMessage frame)
    {
        for (var waiting = _news.Count; waiting > 0; waiting--)
        {
            var work = _news.Dequeue();
            work.Listed = false;
            if (!work.Settled && work.Collect(frame))
            {
                work.Listed = true;
                _news.Enqueue(work);
            }
        }
    }

    private void Signal()
    {
        if (!_signalled)
        {
            _signalled = true;
            _signal.Writer.TryWrite(true);
        }
    }
}
