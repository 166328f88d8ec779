using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Koubou.Cli.Tests.Harness;

/// <summary>How a run of the program ended.</summary>
public sealed record Run(int Code, string Output, string Notes)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public JsonElement Json => JsonElement.Parse(Output);
}

/// <summary>The real program <c>koubou</c>, as a process of its own.</summary>
public sealed class KoubouProgram : IAsyncDisposable
{
    // As it is built, not the copy beside the tests: that one lacks what the tests get from their framework.
    private static readonly string Built = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../../Koubou.Cli", BuiltAs(2), BuiltAs(1), BuiltAs(0), "koubou.dll"));

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly StringBuilder _read = new();

    private KoubouProgram(Process process)
    {
        _process = process;
        Notes = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it wrote to standard error, once it has ended.</summary>
    public Task<string> Notes { get; }

    /// <summary>Starts it; the caller reads what it prints.</summary>
    public static KoubouProgram Start(Uri? url, IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Built, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
            StandardInputEncoding = new UTF8Encoding(false),
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToArray())
        {
            start.Environment.Remove(name);
        }

        if (url is not null)
        {
            start.Environment["KOUBOU_URL"] = url.ToString();
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new KoubouProgram(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<Run> RunAsync(
        Uri? url, IEnumerable<string> arguments, string input = "", params (string Name, string? Value)[] environment)
    {
        await using var program = Start(url, arguments, environment);
        await program._process.StandardInput.WriteAsync(input);
        program._process.StandardInput.Close();
        return await program.EndAsync();
    }

    /// <summary>Waits until it has printed that text, and returns all that it has printed.</summary>
    public async Task<string> PrintedAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new char[1024];
        while (!_read.ToString().Contains(text, StringComparison.Ordinal))
        {
            var length = await _process.StandardOutput.ReadAsync(buffer, patience.Token);
            Assert.True(length > 0, $"It ended without printing '{text}'. It printed: {_read}");
            _read.Append(buffer, 0, length);
        }

        return _read.ToString();
    }

    /// <summary>Ctrl+C.</summary>
    public void Interrupt()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public async Task<Run> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        _read.Append(await _process.StandardOutput.ReadToEndAsync(patience.Token));
        await _process.WaitForExitAsync(patience.Token);
        return new Run(_process.ExitCode, _read.ToString(), await Notes);
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    // Samples: net10.0, Debug, bin.
    private static string BuiltAs(int level) =>
        AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^(level + 1)];

    private static bool IsOurs(string name) =>
        name.StartsWith("KOUBOU", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("OLLAMA", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ConnectionStrings", StringComparison.OrdinalIgnoreCase)
        || name is "NO_COLOR" or "CODEX_UNSAFE_ALLOW_NO_SANDBOX";
}
