using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Koubou.LocalHosting.Tests.Running;

namespace Koubou.AppHost.Tests.EndToEnd;

/// <summary>The whole workshop, started as a user starts it, on free ports and in a home of its own.</summary>
internal sealed class RunningWorkshop : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("koubou-e2e-");

    private RunningWorkshop(IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])["exec", AppHostProgram(), "--Koubou:Ports:Http=0", "--Koubou:Ports:WebSocket=0",
            "--Koubou:Ports:GraphQL=0"])
        {
            start.ArgumentList.Add(argument);
        }

        // A test that wants a model names one.
        start.Environment.Remove("OLLAMA_HOST");
        start.Environment["KOUBOU_HOME"] = Home;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _ = PumpAsync(_process.StandardOutput);
        _ = PumpAsync(_process.StandardError);
    }

    public string Home => _home.FullName;

    public Lines Lines { get; } = new();

    public HttpClient Gateway { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public static async Task<RunningWorkshop> StartAsync(params (string Name, string Value)[] environment)
    {
        var workshop = new RunningWorkshop(environment.ToDictionary(pair => pair.Name, pair => pair.Value));
        await workshop.Lines.WaitForAsync("services are healthy");
        var dashboard = await workshop.Lines.WaitForAsync("/dashboard");
        workshop.Gateway.BaseAddress = new Uri(dashboard[dashboard.IndexOf("http", StringComparison.Ordinal)..].Trim());
        return workshop;
    }

    public async Task<string> DelegateAsync(string prompt, string type = "general")
    {
        var response = await Gateway.PostAsJsonAsync("/task/delegate", new { type, prompt, priority = 8 });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("task_id").GetString()!;
    }

    public Task<JsonElement> StatusAsync(string id, int wait = 60) =>
        Gateway.GetFromJsonAsync<JsonElement>($"/task/{id}/status?wait={wait}");

    /// <summary>Every change from now on.</summary>
    public Task<UpdateSocket> WatchAsync() => UpdateSocket.ConnectAsync(Gateway.BaseAddress!);

    /// <summary>The ids of the processes of this workshop that run a program.</summary>
    public IReadOnlyList<int> ProcessesOf(string program) =>
    [
        .. Directory.GetDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Where(name => Holds($"/proc/{name}/cmdline", program) && Holds($"/proc/{name}/environ", Home))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Throws when a process of this workshop goes on after its AppHost has ended.</summary>
    public async Task WaitUntilNothingIsLeftAsync()
    {
        using var over = new CancellationTokenSource(_patience);
        foreach (var id in ProcessesOf("Koubou."))
        {
            try
            {
                using var last = Process.GetProcessById(id);
                await last.WaitForExitAsync(over.Token);
            }
            catch (ArgumentException)
            {
                // Gone between the look and the wait.
            }
        }
    }

    /// <summary>SIGKILL, and the end of the process.</summary>
    public static async Task KillAsync(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
        await process.WaitForExitAsync(new CancellationTokenSource(_patience).Token);
    }

    /// <summary>Ctrl+C; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var interrupt = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        await interrupt.WaitForExitAsync();
        await _process.WaitForExitAsync(new CancellationTokenSource(_patience).Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Gateway.Dispose();
        if (!_process.HasExited)
        {
            await StopAsync();
        }

        _process.Dispose();
        _home.Delete(recursive: true);
    }

    private static bool Holds(string file, string text)
    {
        try
        {
            return File.ReadAllText(file).Contains(text, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // …/tests/Koubou.AppHost.Tests/bin/Debug/net10.0 → …/Koubou.AppHost/bin/Debug/net10.0
    private static string AppHostProgram()
    {
        var own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        return Path.Combine(
            own.Replace(Path.Combine("tests", "Koubou.AppHost.Tests"), "Koubou.AppHost", StringComparison.Ordinal),
            "Koubou.AppHost.dll");
    }

    private async Task PumpAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Lines.WriteLine(line);
        }
    }
}
