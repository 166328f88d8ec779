using System.Net;
using Koubou.Contracts;
using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Backends.Privacy;

namespace Koubou.Worker.Backends;

/// <summary>The checks that all kinds of model servers share.</summary>
internal static class BackendOptionsChecks
{
    private const int ParallelLimit = 64;

    /// <summary>The section that the options of that name come from.</summary>
    public static string SectionOf(string? name) => $"{BackendOptions.Section}:{name}";

    public static void Check(this SettingFaults faults, BackendOptions options, Uri? endpoint, ZoneMap zones)
    {
        faults.Check(options.Zone is null or Zone.Local or Zone.Private or Zone.Cloud, nameof(options.Zone), options.Zone,
            "Local, Private or Cloud");
        if (endpoint is not null && options.Zone is { } said && IsAddress(endpoint) && zones.ZoneOf(endpoint) is var real)
        {
            faults.Check(said >= real, nameof(options.Zone), said, $"{real}, for {endpoint.Host} lies there, or further away");
        }

        faults.Check(options.ParallelMax is >= 1 and <= ParallelLimit, nameof(options.ParallelMax), options.ParallelMax,
            $"1 to {ParallelLimit}");
        faults.Check(options.ParallelMin >= 1 && options.ParallelMin <= options.ParallelMax, nameof(options.ParallelMin),
            options.ParallelMin, $"1 to ParallelMax ({options.ParallelMax})");
        faults.Check(options.CircuitFailures is >= 1 and <= 1000, nameof(options.CircuitFailures), options.CircuitFailures,
            "1 to 1000");
        faults.CheckTime(nameof(options.CircuitBreak), options.CircuitBreak, TimeSpan.FromMilliseconds(10),
            TimeSpan.FromHours(1));
        faults.CheckTime(nameof(options.ProbeInterval), options.ProbeInterval ?? TimeSpan.FromSeconds(1),
            TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1));
        faults.CheckTime(nameof(options.ProbeTimeout), options.ProbeTimeout, TimeSpan.FromMilliseconds(50),
            TimeSpan.FromMinutes(1));
        faults.CheckTime(nameof(options.SilenceTimeout), options.SilenceTimeout, TimeSpan.FromMilliseconds(50),
            TimeSpan.FromDays(1));
        faults.CheckTime(nameof(options.RetryAfter), options.RetryAfter, TimeSpan.FromMilliseconds(100),
            TimeSpan.FromHours(1));
    }

    private static bool IsAddress(Uri endpoint) =>
        endpoint.IsLoopback || IPAddress.TryParse(endpoint.Host.Trim('[', ']'), out _);
}
