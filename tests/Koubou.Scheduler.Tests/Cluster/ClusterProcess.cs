using System.Diagnostics;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>
/// One program of the cluster, which a test may kill, freeze and start again. When it ends by itself it is started again, as
/// by whoever runs it in earnest.
/// </summary>
internal sealed class ClusterProcess(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _nextLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private int _begun;
    private bool _endsForGood = true;

    /// <summary>What it wrote lately, to be shown when a test fails.</summary>
    public string Log
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines.TakeLast(60));
            }
        }
    }

    /// <summary>Completes when it writes its next line.</summary>
    public Task NextLine
    {
        get
        {
            lock (_gate)
            {
                return _nextLine.Task;
            }
        }
    }

    /// <summary>A place in what it writes, for <see cref="SaysAsync"/>.</summary>
    public int Here
    {
        get
        {
            lock (_gate)
            {
                return _lines.Count;
            }
        }
    }

    public void Start()
    {
        lock (_gate)
        {
            _begun = _lines.Count;
            _endsForGood = false;
            _process = Run();
        }
    }

    /// <summary>Runs it until it ends by itself, once. Returns its exit code.</summary>
    public async Task<int> RunToItsEndAsync()
    {
        var process = Run();
        lock (_gate)
        {
            _process = process;
        }

        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>Waits for a line with one of some texts, from a place on. Default place: where it was started last.</summary>
    public async Task SaysAsync(string[] texts, int? from = null)
    {
        var at = from ?? Begun;
        while (true)
        {
            Task next;
            lock (_gate)
            {
                for (; at < _lines.Count; at++)
                {
                    if (texts.Any(text => _lines[at].Contains(text, StringComparison.Ordinal)))
                    {
                        return;
                    }
                }

                next = _nextLine.Task;
            }

            try
            {
                await next.WaitAsync(Patience);
            }
            catch (TimeoutException error)
            {
                throw new TimeoutException($"{program} never said '{string.Join("' or '", texts)}':\n{Log}", error);
            }
        }
    }

    public Task SaysAsync(string text, int? from = null) => SaysAsync([text], from);

    /// <summary>Whether it wrote a line with the text since it was started last.</summary>
    public bool HasSaid(string text)
    {
        lock (_gate)
        {
            return _lines.Skip(_begun).Any(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    /// <summary>SIGKILL, and the end of the process.</summary>
    public void Kill()
    {
        Process? process;
        lock (_gate)
        {
            _endsForGood = true;
            process = _process;
        }

        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }

    /// <summary>SIGTERM: it may end in good order.</summary>
    public async Task StopAsync()
    {
        lock (_gate)
        {
            _endsForGood = true;
        }

        Signal("-TERM");
        using var limit = new CancellationTokenSource(Patience);
        await _process!.WaitForExitAsync(limit.Token);
    }

    /// <summary>SIGSTOP: alive, and silent.</summary>
    public void Freeze() => Signal("-STOP");

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal("-CONT");

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
    }

    private int Begun
    {
        get
        {
            lock (_gate)
            {
                return _begun;
            }
        }
    }

    private Process Run()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var argument in (string[])["exec", Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("OLLAMA_HOST");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        _ = PumpAsync(process.StandardOutput);
        _ = PumpAsync(process.StandardError);
        process.Exited += (_, _) => OnExited(process);
        process.EnableRaisingEvents = true;
        return process;
    }

    private void OnExited(Process process)
    {
        lock (_gate)
        {
            if (_endsForGood || _process != process)
            {
                return;
            }
        }

        Start();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{_process!.Id}"]);
        kill.WaitForExit();
    }

    private async Task PumpAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            TaskCompletionSource told;
            lock (_gate)
            {
                _lines.Add(line);
                told = _nextLine;
                _nextLine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            told.TrySetResult();
        }
    }
}
