using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Backends.Privacy;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.Ollama;

internal sealed class OllamaOptionsValidator(ZoneMap zones) : IValidateOptions<OllamaOptions>
{
    public ValidateOptionsResult Validate(string? name, OllamaOptions options)
    {
        var faults = new SettingFaults(
            name == OllamaSettings.DefaultName ? OllamaOptions.Section : BackendOptionsChecks.SectionOf(name));
        var isAddress = OllamaAddress.TryParse(options.Endpoint, out var endpoint);
        faults.Check(isAddress, nameof(options.Endpoint), options.Endpoint, "an address such as http://localhost:11434");
        faults.Check(options.Model.Length is > 0 and <= 200, nameof(options.Model), options.Model,
            "a model's name such as gemma2:2b");
        faults.CheckTime(nameof(options.PullStallTimeout), options.PullStallTimeout, TimeSpan.FromMilliseconds(100),
            TimeSpan.FromHours(1));
        faults.CheckTime(nameof(options.PullRetryAfter), options.PullRetryAfter, TimeSpan.FromMilliseconds(100),
            TimeSpan.FromHours(1));
        faults.Check(options, isAddress ? endpoint : null, zones);
        return faults.ToResult();
    }
}
