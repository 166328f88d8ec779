using System.Text.RegularExpressions;
using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Backends.Privacy;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Nodes;

/// <summary>Says which setting is wrong, what it is and what is allowed.</summary>
internal sealed partial class WorkerOptionsValidator : IValidateOptions<WorkerOptions>
{
    internal const int SlotsLimit = 64;
    private static readonly TimeSpan DayLimit = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, WorkerOptions options)
    {
        var faults = new SettingFaults(WorkerOptions.Section);
        faults.Check(NodeIdPattern().IsMatch(options.NodeId), nameof(options.NodeId), options.NodeId,
            "1 to 64 letters, digits, '.', '_' or '-'");
        faults.Check(options.CapabilityList.Count is > 0 and <= 100, nameof(options.Capabilities), options.Capabilities,
            "'*' or 1 to 100 task types, separated by blanks");
        faults.Check(options.SlotsMax is >= 1 and <= SlotsLimit, nameof(options.SlotsMax), options.SlotsMax,
            $"1 to {SlotsLimit}");
        faults.Check(options.SlotsMin >= 1 && options.SlotsMin <= options.SlotsMax, nameof(options.SlotsMin),
            options.SlotsMin, $"1 to SlotsMax ({options.SlotsMax})");
        faults.CheckTime(nameof(options.ShrinkAfter), options.ShrinkAfter, TimeSpan.FromMilliseconds(100), DayLimit);
        faults.CheckTime(nameof(options.AttemptTimeout), options.AttemptTimeout, TimeSpan.FromSeconds(1),
            TimeSpan.FromDays(20));
        faults.Check(options.OutputCharsMax is >= 1024 and <= 16 * 1024 * 1024, nameof(options.OutputCharsMax),
            options.OutputCharsMax, "1024 to 16777216");
        faults.Check(options.OutputInlineCharsMax is >= 1024 and <= 16 * 1024 * 1024,
            nameof(options.OutputInlineCharsMax), options.OutputInlineCharsMax, "1024 to 16777216");
        faults.CheckTime(nameof(options.DrainGrace), options.DrainGrace, TimeSpan.Zero, DayLimit);
        faults.CheckTime(nameof(options.FlushTimeout), options.FlushTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        faults.CheckTime(nameof(options.WelcomeTimeout), options.WelcomeTimeout, TimeSpan.FromMilliseconds(100),
            TimeSpan.FromMinutes(5));
        faults.CheckTime(nameof(options.ReconnectDelayMin), options.ReconnectDelayMin, TimeSpan.FromMilliseconds(1),
            TimeSpan.FromMinutes(1));
        faults.CheckTime(nameof(options.ReconnectDelayMax), options.ReconnectDelayMax, options.ReconnectDelayMin,
            TimeSpan.FromMinutes(10));
        faults.Check(PrivateNetworks.TryParse(options.PrivateNetworks, out _), nameof(options.PrivateNetworks),
            options.PrivateNetworks, "networks such as 192.168.7.0/24, separated by blanks");
        return faults.ToResult();
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    internal static partial Regex NodeIdPattern();
}
