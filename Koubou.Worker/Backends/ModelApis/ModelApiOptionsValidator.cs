using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Backends.Privacy;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.ModelApis;

internal sealed class ModelApiOptionsValidator(ZoneMap zones) : IValidateOptions<ModelApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelApiOptions options)
    {
        var faults = new SettingFaults(BackendOptionsChecks.SectionOf(name));
        var isAddress = BackendAddress.TryParse(options.Endpoint, out var endpoint);
        faults.Check(isAddress, nameof(options.Endpoint), options.Endpoint,
            "an address such as http://localhost:8080/v1, without user name and query");
        faults.Check(options.Model.Length <= 200, nameof(options.Model), options.Model, "a model's name");
        faults.Check(!options.ApiKey.Any(char.IsControl), nameof(options.ApiKey), "(hidden)", "a key on one line");
        faults.Check(options.OutputTokensMax is null or > 0, nameof(options.OutputTokensMax), options.OutputTokensMax,
            "1 or more");
        faults.Check(options, isAddress ? endpoint : null, zones);
        return faults.ToResult();
    }
}
