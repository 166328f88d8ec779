using System.Diagnostics;
using Koubou.LocalHosting.Processes;

namespace Koubou.LocalHosting.Launching;

/// <summary>One run of a service: its process, and what it writes.</summary>
internal sealed class ServiceProcess : IDisposable
{
    // What a crashed process wrote last is in the pipe already; a grandchild may hold the pipe open for ever.
    private static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly long _started = Stopwatch.GetTimestamp();

    private ServiceProcess(Process process, Action<string> onLine)
    {
        _process = process;
        var output = Task.WhenAll(PumpAsync(process.StandardOutput, onLine), PumpAsync(process.StandardError, onLine));
        Exited = WaitForExitAsync(output);
    }

    public int Id => _process.Id;

    /// <summary>How long it runs, or ran.</summary>
    public TimeSpan Uptime => Stopwatch.GetElapsedTime(_started);

    /// <summary>Ends with the exit code, once what it wrote has been read.</summary>
    public Task<int> Exited { get; }

    /// <summary>
    /// Starts the process with a pipe for its input that nobody writes to: its end tells the service that the AppHost is
    /// gone.
    /// </summary>
    public static ServiceProcess Start(ProcessStartInfo info, Action<string> onLine)
    {
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        info.UseShellExecute = false;
        info.CreateNoWindow = true;
        return new ServiceProcess(Process.Start(info)!, onLine);
    }

    /// <summary>Asks it to end, waits for the grace or for <paramref name="atOnce"/>, then kills it with all it started.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken atOnce)
    {
        if (!Exited.IsCompleted)
        {
            AskToEnd();
        }

        try
        {
            await Exited.WaitAsync(grace, atOnce);
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            Kill();
            await Exited;
        }
    }

    /// <summary>Ends it at once, with all it started.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Ended by itself meanwhile.
        }
    }

    public void Dispose() => _process.Dispose();

    private void AskToEnd()
    {
        if (OperatingSystem.IsWindows())
        {
            // No SIGTERM there: the end of its input asks the same.
            _process.StandardInput.Close();
        }
        else
        {
            UnixSignals.AskToEnd(Id);
        }
    }

    private async Task<int> WaitForExitAsync(Task output)
    {
        await _process.WaitForExitAsync();
        await Task.WhenAny(output, Task.Delay(_lastWords));
        return _process.ExitCode;
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> onLine)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                onLine(line);
            }
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            // The pipe closed with the process.
        }
    }
}
