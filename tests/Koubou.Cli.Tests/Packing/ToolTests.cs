using System.Diagnostics;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Packing;

/// <summary>The package as a user gets it: packed, installed from a folder, run by its name.</summary>
public sealed class ToolTests(WorkshopFixture workshop) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("koubou-tool-").FullName;

    [Fact]
    public async Task Package_InstalledFromAFolder_IsTheCommandKoubou()
    {
        var output = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        var project = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../Koubou.Cli/Koubou.Cli.csproj"));
        await RunAsync("dotnet", "pack", project, "--no-build", "-c", output[^2], "-o", _folder, "-nologo", "-v", "quiet");
        var package = Path.GetFileNameWithoutExtension(Assert.Single(Directory.EnumerateFiles(_folder, "*.nupkg")));
        var version = package["Koubou.Cli.".Length..];

        await RunAsync(
            "dotnet", "tool", "install", "Koubou.Cli", "--version", version, "--tool-path", _folder, "--source", _folder);
        var koubou = Path.Combine(_folder, "koubou");
        var said = await RunAsync(koubou, "--version");
        var status = await RunAsync(koubou, "status", "--json", "--url", workshop.Gateway.Main.ToString());

        Assert.StartsWith(version, said, StringComparison.Ordinal);
        Assert.Contains("\"engine\":\"sqlite\"", status, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder, "packages");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}:\n{output}{await errors}");
        return output;
    }
}
