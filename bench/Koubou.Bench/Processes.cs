using System.Diagnostics;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Bench;

/// <summary>The other processes of a measurement.</summary>
internal static class Processes
{
    public static string Self => typeof(Processes).Assembly.Location;

    public static Process Start(
        string program, IReadOnlyList<string> args, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(program);
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        // It ends when this process does, however that ends.
        start.Environment[ParentLifeline.Variable] = "stdin";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }
}
