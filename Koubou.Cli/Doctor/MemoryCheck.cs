using System.Globalization;
using System.Runtime.CompilerServices;

namespace Koubou.Cli.Doctor;

/// <summary>Memory: too many craftsmen for it end in crashes that look like anything else.</summary>
internal sealed class MemoryCheck : ICheck
{
    private const string Subject = "memory";
    private const int CraftsmenPreset = 8;
    private const long MiB = 1024 * 1024;

    /// <summary>Less than this while the workshop runs, and the system will soon end somebody.</summary>
    private const long FreeBytesLow = 512 * MiB;

    public async IAsyncEnumerable<Finding> LookAsync(
        Patient patient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!patient.IsHere || await FreeBytesAsync(cancellationToken) is not { } free)
        {
            yield break;
        }

        yield return patient.GatewayAnswers ? Running(patient, free) : Stopped(patient, free);
    }

    private static Finding Running(Patient patient, long free)
    {
        var craftsmen = patient.Workers?.Sum(worker => worker.Slots) ?? 0;
        return free >= FreeBytesLow
            ? Finding.Ok(Subject, $"{free / MiB:N0} MiB free with {craftsmen} craftsmen")
            : Finding.Error(Subject, $"only {free / MiB:N0} MiB free with {craftsmen} craftsmen", Fewer(Math.Max(1, craftsmen / 2)));
    }

    private static Finding Stopped(Patient patient, long free)
    {
        var wanted = int.TryParse(patient.Settings["Koubou:Workers:MaxWorkers"], out var set) ? set : CraftsmenPreset;
        var fit = MemoryRule.CraftsmenThatFit(free, patient.ModelBytes);
        return fit >= wanted
            ? Finding.Ok(Subject, $"{free / MiB:N0} MiB free, enough for {wanted} craftsmen")
            : Finding.Warning(Subject, $"{free / MiB:N0} MiB free are little for {wanted} craftsmen", Fewer(fit));
    }

    private static string Fewer(int craftsmen) => $"dotnet run --project Koubou.AppHost -- --max-workers {craftsmen}";

    // Linux says best what programs may still have; elsewhere the runtime's own view has to do.
    private static async Task<long?> FreeBytesAsync(CancellationToken cancellationToken)
    {
        const string Source = "/proc/meminfo";
        const int KiB = 1024;

        if (!File.Exists(Source))
        {
            var memory = GC.GetGCMemoryInfo();
            return memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes;
        }

        // Sample: MemAvailable:   20912345 kB
        var lines = await File.ReadAllLinesAsync(Source, cancellationToken);
        var line = lines.FirstOrDefault(text => text.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var number = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1);
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size * KiB : null;
    }
}
