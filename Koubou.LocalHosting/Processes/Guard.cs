using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Koubou.LocalHosting.Processes;

/// <summary>
/// A small process that outlives the AppHost by seconds: when the AppHost is gone, for whatever reason, it ends everything
/// that carries the workshop's mark. It learns so from the end of its standard input, whose other end only the AppHost
/// holds; the kernel closes that even on SIGKILL. Windows needs no guard, see <see cref="WindowsJob"/>.
/// </summary>
internal sealed class Guard : IDisposable
{
    private readonly Process? _process;

    private Guard(Process? process) => _process = process;

    /// <summary>Starts the guard of this workshop.</summary>
    public static Guard Start(string workshop, TimeSpan grace)
    {
        if (OperatingSystem.IsWindows())
        {
            WindowsJob.HoldThisProcess();
            return new Guard(null);
        }

        var info = new ProcessStartInfo(DotnetHost.Path)
        {
            ArgumentList =
            {
                "exec", typeof(Guard).Assembly.Location, workshop,
                grace.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new Guard(Process.Start(info));
    }

    /// <summary>What the guard itself does: waits for the end of the AppHost, then clears up.</summary>
    public static async Task KeepAsync(string workshop, TimeSpan grace)
    {
        // Ctrl+C and logout are for the AppHost; the guard must see it to its end.
        UnixSignals.LeaveForegroundGroup();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);

        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        await MarkedProcesses.EndAsync(workshop, grace);
    }

    /// <summary>Closes the guard's input: it looks once for anything left, and ends.</summary>
    public void Dispose()
    {
        _process?.StandardInput.Close();
        _process?.Dispose();
    }
}
