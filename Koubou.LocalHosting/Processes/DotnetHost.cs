using System.Runtime.InteropServices;

namespace Koubou.LocalHosting.Processes;

/// <summary>The <c>dotnet</c> that runs the AppHost, so that services run on the same one.</summary>
internal static class DotnetHost
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (System.IO.Path.GetFileName(Environment.ProcessPath) == name)
        {
            return Environment.ProcessPath!;
        }

        // …/dotnet/shared/Microsoft.NETCore.App/10.0.0/ when started through the AppHost's own executable.
        var runtime = RuntimeEnvironment.GetRuntimeDirectory();
        var root = System.IO.Path.GetFullPath(System.IO.Path.Combine(runtime, "..", "..", ".."));
        var host = System.IO.Path.Combine(root, name);
        return File.Exists(host) ? host : name;
    }
}
