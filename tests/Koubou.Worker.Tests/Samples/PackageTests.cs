using System.Diagnostics;
using Koubou.Contracts;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Samples;

/// <summary>A worker of one's own needs one package reference, and the sample's two files.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Project =
        """
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Koubou.Worker" Version="VERSION" />
          </ItemGroup>
        </Project>
        """;

    // The packages that ours depend on were restored for this build already: nothing is asked of any feed but ours.
    private const string Feeds =
        """
        <configuration>
          <packageSources><clear /><add key="ours" value="FEED" /></packageSources>
          <fallbackPackageFolders><clear /><add key="restored" value="RESTORED" /></fallbackPackageFolders>
        </configuration>
        """;

    private static readonly string[] Packed = ["Koubou.Contracts", "Koubou.ServiceDefaults", "Koubou.Worker"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("koubou-package-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Package_OfTheWorker_IsAllThatAWorkerOfOnesOwnNeeds()
    {
        var configuration = SampleProcess.Configuration;
        foreach (var name in Packed)
        {
            await DotnetAsync(
                SampleProcess.Root, "pack", Path.Combine(name, $"{name}.csproj"), "--no-build", "--configuration", configuration,
                "--output", _folder.FullName);
        }

        var package = Path.GetFileNameWithoutExtension(Assert.Single(_folder.GetFiles("Koubou.Worker.*.nupkg")).Name);
        var own = Write(package["Koubou.Worker.".Length..]);
        await DotnetAsync(own, "build", "-nologo", "-v", "quiet", "-p:UseSharedCompilation=true");

        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var worker = new SampleProcess(
            "dotnet", "exec", Path.Combine(own, "bin", "Debug", "net10.0", "MyWorker.dll"),
            "--scheduler", scheduler.Address, "--node-id", "mine", "--capabilities", "count-words");
        var session = await scheduler.SessionAsync();
        var completed = await session.CompletedAsync(
            await session.AssignAsync(new TaskSpec { Type = "count-words", Prompt = "to be or not to be" }));

        Assert.Equal("2 to\n2 be\n1 or\n1 not\n", completed.Output);
    }

    private string Write(string version)
    {
        var own = _folder.CreateSubdirectory("MyWorker").FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(SampleProcess.Root, "samples", "CustomWorker"), "*.cs"))
        {
            File.Copy(file, Path.Combine(own, Path.GetFileName(file)));
        }

        var restored = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        File.WriteAllText(Path.Combine(own, "MyWorker.csproj"), Project.Replace("VERSION", version, StringComparison.Ordinal));
        File.WriteAllText(
            Path.Combine(own, "nuget.config"),
            Feeds.Replace("FEED", _folder.FullName, StringComparison.Ordinal)
                .Replace("RESTORED", restored, StringComparison.Ordinal));
        return own;
    }

    private async Task DotnetAsync(string folder, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", args)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "packages");
        if (folder == SampleProcess.Root)
        {
            start.Environment.Remove("NUGET_PACKAGES");
        }

        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', args)}: {string.Concat(said)}");
    }
}
