using System.Diagnostics;
using System.Globalization;
using System.Text;
using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Pool;

/// <summary>One leased task in one slot, from its assignment until the craftsman lets go of it.</summary>
internal sealed class Work : ICraftsmanContext, IThreadPoolWorkItem, IDisposable
{
    // A frame carries many tasks' pieces; one long output must not fill it alone.
    private const int ChunkCharsMax = 64 * 1024;
    private const int ArtifactsMax = 100;
    private const string OutputName = "output.txt";
    private const string OutputType = "text/plain; charset=utf-8";

    private readonly CraftsmanPool _pool;
    private readonly Workbench _bench;
    private readonly Craftsman _craftsman;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop;
    private AttemptFacts? _facts;
    private StringBuilder? _written;
    private Dictionary<string, Artifact>? _artifacts;
    private int _sent;
    private Running? _news;

    public Work(
        CraftsmanPool pool, Workbench bench, Craftsman craftsman, Assignment assignment, TaskType? type, int slot, long leasedAt)
    {
        _pool = pool;
        _bench = bench;
        _craftsman = craftsman;
        Slot = slot;
        LeasedAt = leasedAt;
        Lease = new LeaseKey(assignment.TaskId, assignment.LeaseToken);
        Task = new AssignedTask(assignment.TaskId, assignment.Attempt, assignment.Spec ?? new TaskSpec(), type, assignment.Inputs);
        Limit = Task.Timeout ?? bench.Options.AttemptTimeout;
        _stop = new CancellationTokenSource(Limit, bench.Clock);
    }

    public LeaseKey Lease { get; }

    public AssignedTask Task { get; }

    public int Slot { get; }

    /// <summary>When the assignment arrived, in ticks of the clock.</summary>
    public long LeasedAt { get; }

    /// <summary>Its craftsman asks the node's backends.</summary>
    public bool AsksBackends => _craftsman is ModelCraftsman && !_bench.NamesAgent(Task.Backend);

    public string NodeId => _bench.Options.NodeId;

    /// <summary>The longest that this attempt may take.</summary>
    public TimeSpan Limit { get; }

    /// <summary>Its end is reported, or nobody wants to hear of it any more. Guarded by the pool.</summary>
    public bool Settled { get; set; }

    /// <summary>Told to stop by something other than its own time limit. Guarded by the pool.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Waits in the outbox to be asked for its news. Guarded by the outbox.</summary>
    public bool Listed { get; set; }

    public AttemptFacts Facts => _facts ??= new AttemptFacts { Slot = Slot };

    private bool TimedOut => _stop.IsCancellationRequested && !Stopped;

    public ValueTask WriteOutputAsync(string chunk, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            _written ??= new StringBuilder();
            if (_written.Length + chunk.Length > _bench.Options.OutputCharsMax)
            {
                throw TaskFailureException.Permanent(
                    "output_too_long",
                    $"The output is longer than {_bench.Options.OutputCharsMax} characters "
                    + "(Koubou:Worker:OutputCharsMax).");
            }

            _written.Append(chunk);
        }

        _pool.HasNews(this);
        return ValueTask.CompletedTask;
    }

    public async ValueTask AddArtifactAsync(
        string name, string mediaType, Stream content, CancellationToken cancellationToken = default)
    {
        if (_artifacts?.Count >= ArtifactsMax && !_artifacts.ContainsKey(name))
        {
            throw TaskFailureException.Permanent(
                "too_many_artifacts", $"A task keeps at most {ArtifactsMax} artifacts.");
        }

        var kept = await _bench.Artifacts.PutAsync(name, mediaType, content, cancellationToken);
        lock (_gate)
        {
            (_artifacts ??= new Dictionary<string, Artifact>(StringComparer.Ordinal))[name] = kept;
        }
    }

    public void ReportProgress(string note) => Report(news => news.Progress = note);

    public void ReportTokens(long completionTokens) => Report(news => news.CompletionTokens = completionTokens);

    /// <summary>Moves what is new into the frame. True when there is more than one frame should carry.</summary>
    public bool Collect(NodeMessage frame)
    {
        lock (_gate)
        {
            if (_news is { } news)
            {
                _news = null;
                news.Slot = Slot;
                news.Backend = _facts?.Backend ?? "";
                news.Model = _facts?.Model ?? "";
                frame.Reports.Add(NewReport(report => report.Running = news));
            }

            if (_written is null || _sent == _written.Length)
            {
                return false;
            }

            var length = Math.Min(_written.Length - _sent, ChunkCharsMax);
            if (length > 1 && _sent + length < _written.Length && char.IsHighSurrogate(_written[_sent + length - 1]))
            {
                length--;
            }

            var chunk = new OutputChunk { Offset = _sent, Text = _written.ToString(_sent, length) };
            _sent += length;
            frame.Reports.Add(NewReport(report => report.Output = chunk));
            return _sent < _written.Length;
        }
    }

    /// <summary>A new stream: what the old one carried may be lost, so the preview begins again.</summary>
    /// <returns>Whether there is something to say.</returns>
    public bool Rewind()
    {
        lock (_gate)
        {
            _sent = 0;
            return _written is not null;
        }
    }

    /// <summary>Ends the work at once. Guarded by the pool.</summary>
    public void Stop()
    {
        Stopped = true;
        // Callbacks (closing a stream, killing a process) must not run under the pool's lock.
        _ = _stop.CancelAsync();
    }

    public void Dispose() => _stop.Dispose();

    public void Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        // Off the thread that handed the work over: a craftsman may block before his first await.
        using var span = _bench.Telemetry.StartProcess(this);
        TaskReport report;
        try
        {
            var result = await _craftsman.ProcessAsync(Task, this, _stop.Token);
            report = await CompletedAsync(result);
        }
        catch (Exception exception)
        {
            report = Failed(exception);
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            _pool.NoteFailure(this, exception, report);
        }

        _bench.Telemetry.Finished(this, report, span);
        _pool.Finish(this, report);
        Dispose();
    }

    public TaskReport NewReport(Action<TaskReport> fill)
    {
        var report = new TaskReport { TaskId = Lease.TaskId, LeaseToken = Lease.Token };
        fill(report);
        return report;
    }

    private async Task<TaskReport> CompletedAsync(TaskResult result)
    {
        var output = result.Output;
        if (output is null)
        {
            lock (_gate)
            {
                output = _written?.ToString() ?? "";
            }
        }

        if (output.Length > _bench.Options.OutputCharsMax)
        {
            throw TaskFailureException.Permanent(
                "output_too_long",
                $"The output has {output.Length} characters; {_bench.Options.OutputCharsMax} are allowed "
                + "(Koubou:Worker:OutputCharsMax).");
        }

        output = await ShortenAsync(output);
        return NewReport(report => report.Completed = new Completed
        {
            Output = output,
            StructuredOutput = result.StructuredOutput ?? "",
            Facts = Facts,
            Artifacts = { _artifacts?.Values.ToArray() ?? [] },
        });
    }

    // Every list, socket and page that shows the task would carry a long output along; a file is read by who wants it.
    private async Task<string> ShortenAsync(string output)
    {
        var length = _bench.Options.OutputInlineCharsMax;
        if (output.Length <= length)
        {
            return output;
        }

        using (var content = new MemoryStream(Encoding.UTF8.GetBytes(output)))
        {
            await AddArtifactAsync(OutputName, OutputType, content, _stop.Token);
        }

        length -= char.IsHighSurrogate(output[length - 1]) ? 1 : 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{output.AsSpan(0, length)}\n\n[Cut here. All {output.Length:N0} characters are in the artifact {OutputName}.]");
    }

    private TaskReport Failed(Exception exception)
    {
        var report = new TaskReport { TaskId = Lease.TaskId, LeaseToken = Lease.Token };
        Failures.Report(report, exception, TimedOut ? Limit : null);
        if (report.Failed is not null)
        {
            report.Failed.Facts = Facts;
        }
        else if (report.GivenBack is not null)
        {
            report.GivenBack.Facts = Facts;
        }

        return report;
    }

    private void Report(Action<Running> tell)
    {
        lock (_gate)
        {
            tell(_news ??= new Running());
        }

        _pool.HasNews(this);
    }
}
