using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Koubou.Web.Tests.Browser;

/// <summary>The real dashboard as its own process, on a free port, with a home of its own.</summary>
public sealed class WebProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(60);
    private readonly Uri _scheduler;
    private readonly string _home = Directory.CreateTempSubdirectory("koubou-web-").FullName;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private WebProcess(Uri scheduler) => _scheduler = scheduler;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public Uri Dashboard => new(Address, "/dashboard");

    public static async Task<WebProcess> StartAsync(Uri scheduler)
    {
        var web = new WebProcess(scheduler);
        await web.OpenAsync();
        return web;
    }

    public async Task OpenAsync()
    {
        var program = typeof(WebProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "Koubou.Web").Value!;
        var start = new ProcessStartInfo("dotnet", [program])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _home,
            Environment =
            {
                ["ASPNETCORE_URLS"] = Address.ToString(),
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["KOUBOU_HOME"] = _home,
                ["Koubou__Scheduler__Address"] = _scheduler.ToString(),
                ["LOG_LEVEL"] = "INFO",

                ["Koubou__Web__Live__DayInterval"] = "00:00:01",

                // A long tail makes axe and the browser slow, and shows nothing that a short one does not.
                ["Koubou__Web__Live__EventsMax"] = "60",
            },
        };
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Read(line.Data, listening);
        process.Exited += (_, _) => listening.TrySetException(
            new InvalidOperationException($"Koubou.Web ended before it listened:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Address = await listening.Task.WaitAsync(StartTimeMax);
    }

    /// <summary>Ends the process as a crash does.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_home, recursive: true);
    }

    /// <summary>What it wrote, for messages.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    // Sample: 12:00:00 info: Microsoft.Hosting.Lifetime[14] Now listening on: http://127.0.0.1:41234
    private void Read(string? line, TaskCompletionSource<Uri> listening)
    {
        const string Mark = "Now listening on: ";
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        var at = line.IndexOf(Mark, StringComparison.Ordinal);
        if (at >= 0)
        {
            listening.TrySetResult(new Uri(line[(at + Mark.Length)..].Trim()));
        }
    }
}
