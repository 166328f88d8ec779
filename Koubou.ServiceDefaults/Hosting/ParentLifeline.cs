using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Koubou.ServiceDefaults.Hosting;

/// <summary>
/// Ends the service when the AppHost that started it is gone, even by SIGKILL. The AppHost says by
/// <c>KOUBOU_LIFELINE=stdin</c> that it holds the other end of the service's standard input; the kernel closes that end
/// with the AppHost. Started in any other way, a service ignores its standard input.
/// </summary>
public sealed partial class ParentLifeline(IHostApplicationLifetime lifetime, ILogger<ParentLifeline> logger)
    : IHostedService
{
    /// <summary>The variable that the AppHost sets.</summary>
    public const string Variable = "KOUBOU_LIFELINE";

    /// <summary>How long an orphan may take to end in good order, before it ends anyway.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>Whether the AppHost holds a lifeline to this process.</summary>
    public static bool IsHeld => Environment.GetEnvironmentVariable(Variable) == "stdin";

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsHeld)
        {
            return Task.CompletedTask;
        }

        if (!OperatingSystem.IsWindows())
        {
            // Ctrl+C is for the AppHost, which then stops its services in order; so leave the terminal's foreground group.
            _ = SetProcessGroup(0, 0);
        }

        // A thread of its own: reading standard input blocks, and must not hold a pool thread for ever.
        new Thread(WatchInput) { IsBackground = true, Name = nameof(ParentLifeline) }.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void WatchInput()
    {
        using (var input = Console.OpenStandardInput())
        {
            input.CopyTo(Stream.Null);
        }

        LogAppHostGone(logger);
        lifetime.StopApplication();
        if (!lifetime.ApplicationStopped.WaitHandle.WaitOne(_patience))
        {
            Environment.Exit(1);
        }
    }

    [DllImport("libc", EntryPoint = "setpgid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetProcessGroup(int processId, int group);

    [LoggerMessage(LogLevel.Warning, "The AppHost is gone; this service ends too")]
    private static partial void LogAppHostGone(ILogger logger);
}
