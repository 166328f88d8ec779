using Aspire.Hosting;
using Koubou.LocalHosting.Launching;
using Koubou.LocalHosting.Output;

namespace Koubou.LocalHosting.Tests.Running;

/// <summary>A workshop inside the test's own process, with real services as its children.</summary>
internal sealed class RunningWorkshop : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Workshop _workshop;
    private readonly Task<bool> _run;

    private RunningWorkshop(IDistributedApplicationBuilder builder)
    {
        _workshop = new Workshop(
            builder, LaunchOptions.Read(builder.Configuration), new ConsoleWriter(Lines, colour: false));
        _run = _workshop.RunAsync(_stop.Token);
    }

    public Lines Lines { get; } = new();

    /// <summary>Ends with whether the workshop could open.</summary>
    public Task<bool> Run => _run;

    public static RunningWorkshop Start(Action<IDistributedApplicationBuilder> describe, params string[] args)
    {
        var builder = DistributedApplication.CreateBuilder([.. args, "--LocalHosting:RestartDelay=00:00:00.05"]);
        describe(builder);
        return new RunningWorkshop(builder);
    }

    public async Task<bool> StopAsync()
    {
        await _stop.CancelAsync();
        return await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _workshop.DisposeAsync();
        _stop.Dispose();
    }
}
