using System.Diagnostics;
using Koubou.LocalHosting.Processes;
using Koubou.LocalHosting.TestService;

namespace Koubou.LocalHosting.Tests.Running;

/// <summary>An AppHost in a process, a session and a group of its own, so that it can be killed as a terminal would.</summary>
internal sealed class HostProcess : IDisposable
{
    private static readonly string[] _host = [DotnetHost.Path, "exec", typeof(TestServiceProject).Assembly.Location, "host"];

    private readonly Process _process;

    private HostProcess(Process process)
    {
        _process = process;
        _ = PumpAsync();
    }

    public Lines Lines { get; } = new();

    public static HostProcess Start(params string[] secondArgs) => Launch([.. _host, .. secondArgs]);

    /// <summary>Starts the AppHost below a process that looks like <c>dotnet run</c>, and which signals then reach.</summary>
    public static HostProcess StartBelowDotnetRun()
    {
        // The shell takes its name from -a and its first argument from the script, so its command line says "dotnet run …".
        var folder = Directory.CreateTempSubdirectory("koubou-");
        File.WriteAllText(Path.Combine(folder.FullName, "run"), "\"$@\" & wait");
        return Launch(["bash", "-c", $"cd {folder.FullName}; exec -a dotnet bash run \"$@\"", "bash", .. _host]);
    }

    private static HostProcess Launch(string[] command) => new(Process.Start(
        new ProcessStartInfo("setsid", command)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { ["LocalHosting__OrphanGrace"] = "00:00:01", ["LocalHosting__StopGrace"] = "00:00:05" },
        })!);

    /// <summary>Sends a signal to the AppHost alone, or to its whole group as Ctrl+C in a terminal does.</summary>
    public async Task SignalAsync(string signal, bool group = false)
    {
        using var kill = Process.Start("kill", [$"-{signal}", "--", $"{(group ? "-" : "")}{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task PumpAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Lines.WriteLine(line);
        }
    }
}
