using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.LocalHosting.TestService;

/// <summary>
/// A service that does as its arguments say: <c>--grandchild</c> starts a process in a session of its own, <c>--deaf</c> ignores
/// SIGTERM and the lifeline, <c>--broken</c> writes a line and ends with code 3, <c>--sick</c> is never healthy.
/// </summary>
internal static class Service
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--broken"))
        {
            await Console.Error.WriteLineAsync("boom: no such colour");
            return 3;
        }

        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        using var deafness = args.Contains("--deaf")
            ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true)
            : null;
        if (deafness is null)
        {
            builder.Services.AddHostedService<ParentLifeline>();
        }
        else
        {
            builder.Services.AddSingleton<IHostLifetime, DeafLifetime>();
        }

        await using var app = builder.Build();
        app.MapGet("/health", () => args.Contains("--sick") ? Results.StatusCode(503) : Results.Ok());
        app.MapGet("/env", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value));
        app.MapPost("/crash", () => Environment.Exit(7));

        Console.WriteLine($"pid {Environment.ProcessId}");
        if (args.Contains("--grandchild"))
        {
            using var grandchild = Process.Start(new ProcessStartInfo("setsid", ["sleep", "600"]))!;
            Console.WriteLine($"grandchild {grandchild.Id}");
        }

        app.Lifetime.ApplicationStopped.Register(() => Console.WriteLine("stopped in good order"));
        await app.RunAsync();
        return 0;
    }

    /// <summary>Hears no signal at all.</summary>
    private sealed class DeafLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
