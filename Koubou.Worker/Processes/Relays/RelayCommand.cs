using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Koubou.Worker.Processes.Relays;

/// <summary>How the worker's own program is started as a relay.</summary>
internal static class RelayCommand
{
    // Small, and without a diagnostic socket that the child could find.
    private static readonly (string Name, string Value)[] Runtime =
    [
        ("DOTNET_EnableDiagnostics", "0"), ("DOTNET_gcServer", "0"), ("DOTNET_GCHeapHardLimit", "4000000"),
        ("DOTNET_TieredPGO", "0"),
    ];

    /// <summary>The command; program and arguments follow. Null: this build of the worker cannot be started so.</summary>
    public static IReadOnlyList<string>? For(LoopbackRelay relay) => Own() is { } own
        ? [.. own, RelayProgram.Word, relay.Socket, relay.Port.ToString(CultureInfo.InvariantCulture), "--"]
        : null;

    public static void SetRuntime(IDictionary<string, string?> environment)
    {
        foreach (var (name, value) in Runtime)
        {
            environment[name] = value;
        }
    }

    // The worker may live inside another program (a test, a craftsman's own host), so its own path says nothing.
    private static IReadOnlyList<string>? Own()
    {
        var library = Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll");
        var settings = Path.ChangeExtension(library, ".runtimeconfig.json");
        // …/dotnet/shared/Microsoft.NETCore.App/10.0.0/
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        if (File.Exists(library) && File.Exists(settings) && File.Exists(dotnet))
        {
            return [dotnet, library];
        }

        // Published with its own runtime.
        var program = Path.ChangeExtension(library, null);
        return File.Exists(program) ? [program] : null;
    }
}
