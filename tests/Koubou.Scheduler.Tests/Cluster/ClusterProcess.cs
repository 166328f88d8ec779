using System.Collections.Concurrent;
using System.Diagnostics;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>One program of the cluster, which a test may kill, freeze and start again.</summary>
internal sealed class ClusterProcess(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;

    /// <summary>What it wrote lately, to be shown when a test fails.</summary>
    public string Log => string.Join('\n', _lines.TakeLast(60));

    public void Start()
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

        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        _ = PumpAsync(_process.StandardOutput);
        _ = PumpAsync(_process.StandardError);
    }

    /// <summary>Starts it again if it has ended by itself, as whoever runs it in earnest would.</summary>
    public void KeepRunning()
    {
        if (_process is { HasExited: true })
        {
            Start();
        }
    }

    /// <summary>SIGKILL, and the end of the process.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
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

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{_process!.Id}"]);
        kill.WaitForExit();
    }

    private async Task PumpAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
