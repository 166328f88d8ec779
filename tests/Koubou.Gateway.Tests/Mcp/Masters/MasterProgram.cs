using System.Diagnostics;
using System.Text.Json;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>A real master that test.sh installed, run once in a home of its own, knowing nothing of its user.</summary>
internal sealed class MasterProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The folder that it works in.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("koubou-master-").FullName;

    private string Home { get; } = Directory.CreateTempSubdirectory("koubou-master-home-").FullName;

    /// <summary>Runs it to its end and returns the events that it printed, one JSON object a line.</summary>
    public async Task<IReadOnlyList<JsonElement>> RunAsync(
        string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };

        // Nothing of whoever runs the tests: no keys, no settings, no proxies.
        var path = start.Environment["PATH"];
        var dotnet = start.Environment.TryGetValue("DOTNET_ROOT", out var root) ? root : null;
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["HOME"] = Home;
        start.Environment["DOTNET_ROOT"] = dotnet;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value.Replace("{home}", Home, StringComparison.Ordinal);
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(process.ExitCode == 0, $"Exit code {process.ExitCode}: {await errors}{string.Join('\n', lines)}");
            return [.. lines.Where(line => line.StartsWith('{')).Select(line => JsonElement.Parse(line))];
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>A program that npm brought. Its own file: what lies in .bin needs a Node to start it.</summary>
    public static string Find(string tool, string ending)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var modules = Path.Combine(folder.FullName, "tests", tool, "node_modules");
            if (Directory.Exists(modules))
            {
                return Directory.EnumerateFiles(modules, Path.GetFileName(ending), SearchOption.AllDirectories)
                    .First(file => file.EndsWith(ending, StringComparison.Ordinal) && !file.Contains("/.bin/", StringComparison.Ordinal));
            }
        }

        throw new InvalidOperationException($"{tool} is not installed for the tests. Run ./test.sh, or: npm ci --prefix tests/{tool}");
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        Directory.Delete(Home, recursive: true);
    }
}
