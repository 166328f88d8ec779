using System.Runtime.InteropServices;
using Koubou.LocalHosting.Output;
using Koubou.LocalHosting.Processes;
using Koubou.LocalHosting.Launching;

namespace Aspire.Hosting;

/// <summary>The workshop as one program: starts every service in order, watches them, and ends them all.</summary>
public sealed class DistributedApplication : IAsyncDisposable
{
    private readonly Workshop _workshop;

    internal DistributedApplication(IDistributedApplicationBuilder builder, ConsoleWriter? console = null)
    {
        _workshop = new Workshop(builder, LaunchOptions.Read(builder.Configuration), console ?? ConsoleWriter.ForTerminal());
    }

    /// <summary>Begins a workshop with the AppHost's configuration: appsettings, environment, arguments.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Runs until Ctrl+C, SIGTERM or the token; a second signal ends everything at once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

        var launcher = StopWithDotnetRunAsync(stop);
        if (!await _workshop.RunAsync(stop.Token))
        {
            Environment.ExitCode = 1;
        }

        await stop.CancelAsync();
        await launcher;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            if (stop.IsCancellationRequested)
            {
                _workshop.StopAtOnce();
            }

            stop.Cancel();
        }
    }

    private static async Task StopWithDotnetRunAsync(CancellationTokenSource stop)
    {
        try
        {
            await DotnetRun.WaitForEndAsync(stop.Token);
            await stop.CancelAsync();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The workshop ended first.
        }
    }

    /// <summary>Runs until Ctrl+C or SIGTERM.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Ends what still runs.</summary>
    public ValueTask DisposeAsync() => _workshop.DisposeAsync();
}
