using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Koubou.Web.Tests.Browser;

/// <summary>A real service as its own process, on a free port.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(60);
    private readonly string _name;
    private readonly string _home;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private ServiceProcess(string name, string home, IReadOnlyDictionary<string, string> environment)
    {
        _name = name;
        _home = home;
        _environment = environment;
    }

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Starts a project, such as Koubou.Worker, and waits until it listens.</summary>
    public static async Task<ServiceProcess> StartAsync(
        string name, string home, IReadOnlyDictionary<string, string> environment)
    {
        var service = new ServiceProcess(name, home, environment);
        await service.OpenAsync();
        return service;
    }

    public async Task OpenAsync()
    {
        var program = typeof(ServiceProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == _name).Value!;
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
                ["LOG_LEVEL"] = "INFO",
            },
        };
        start.Environment.Remove("OLLAMA_HOST");
        foreach (var (key, value) in _environment)
        {
            start.Environment[key] = value;
        }

        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Read(line.Data, listening);
        process.Exited += (_, _) => listening.TrySetException(
            new InvalidOperationException($"{_name} ended before it listened:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Address = await listening.Task.WaitAsync(StartTimeMax);
    }

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException($"{_name} does not run.");

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

    public async ValueTask DisposeAsync() => await KillAsync();

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
