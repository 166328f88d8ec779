using Koubou.Contracts;
using Koubou.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.Ollama;

internal sealed class OllamaOptionsValidator : IValidateOptions<OllamaOptions>
{
    public ValidateOptionsResult Validate(string? name, OllamaOptions options)
    {
        var faults = new SettingFaults(OllamaOptions.Section);
        faults.Check(OllamaAddress.TryParse(options.Endpoint, out _), nameof(options.Endpoint), options.Endpoint,
            "an address such as http://localhost:11434");
        faults.Check(options.Model.Length is > 0 and <= 200, nameof(options.Model), options.Model,
            "a model's name such as gemma2:2b");
        faults.Check(options.Zone is null or Zone.Local or Zone.Private or Zone.Cloud, nameof(options.Zone), options.Zone,
            "Local, Private or Cloud");
        faults.CheckTime(nameof(options.PullStallTimeout), options.PullStallTimeout, TimeSpan.FromMilliseconds(100),
            TimeSpan.FromHours(1));
        faults.CheckTime(nameof(options.RetryAfter), options.RetryAfter, TimeSpan.FromMilliseconds(100),
            TimeSpan.FromHours(1));
        faults.CheckTime(nameof(options.ProbeInterval), options.ProbeInterval, TimeSpan.FromMilliseconds(50),
            TimeSpan.FromMinutes(10));
        faults.CheckTime(nameof(options.ProbeTimeout), options.ProbeTimeout, TimeSpan.FromMilliseconds(50),
            TimeSpan.FromMinutes(1));
        faults.CheckTime(nameof(options.ReachableWait), options.ReachableWait, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        return faults.ToResult();
    }
}
