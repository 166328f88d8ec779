using Koubou.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.Demo;

internal sealed class DemoOptionsValidator : IValidateOptions<DemoOptions>
{
    public ValidateOptionsResult Validate(string? name, DemoOptions options)
    {
        var faults = new SettingFaults(DemoOptions.Section);
        faults.CheckTime(nameof(options.PieceDelay), options.PieceDelay, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        return faults.ToResult();
    }
}
