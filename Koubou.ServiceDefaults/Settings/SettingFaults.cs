using System.Globalization;
using Microsoft.Extensions.Options;

namespace Koubou.ServiceDefaults.Settings;

/// <summary>Gathers every wrong setting of one section, so that all are named at once.</summary>
public sealed class SettingFaults(string section)
{
    private readonly List<string> _faults = [];

    /// <summary>Sample: <c>Koubou:Worker:SlotsMax is '0'. Allowed: 1 to 64.</c></summary>
    public void Check(bool allowed, string key, object? value, string allowedValues)
    {
        if (!allowed)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture);
            _faults.Add($"{section}:{key} is '{text}'. Allowed: {allowedValues}.");
        }
    }

    public void CheckTime(string key, TimeSpan value, TimeSpan min, TimeSpan max) =>
        Check(value >= min && value <= max, key, value, $"{min} to {max} (days.hours:minutes:seconds)");

    public ValidateOptionsResult ToResult() =>
        _faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_faults);
}
