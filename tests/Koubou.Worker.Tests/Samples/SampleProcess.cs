using System.Diagnostics;
using Koubou.OllamaStandIn;

namespace Koubou.Worker.Tests.Samples;

/// <summary>A sample as a process of its own.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("koubou-sample-");

    public SampleProcess(string program, params IReadOnlyList<string> args)
        : this(new Dictionary<string, string>(StringComparer.Ordinal), program, args)
    {
    }

    public SampleProcess(
        IReadOnlyDictionary<string, string> environment, string program, params IReadOnlyList<string> args)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        start.Environment["KOUBOU_HOME"] = _home.FullName;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Output.Add(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => Output.Add(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The folder of the solution.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Koubou.Aspire.sln")))
            {
                folder = folder.Parent ?? throw new DirectoryNotFoundException("The solution's folder was not found.");
            }

            return folder.FullName;
        }
    }

    /// <summary>How this was built: <c>Debug</c> or <c>Release</c>.</summary>
    public static string Configuration =>
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Release" : "Debug";

    public SignalLog<string> Output { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _home.Delete(recursive: true);
    }
}
