using Koubou.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.CodexCli;

internal sealed class CodexOptionsValidator : IValidateOptions<CodexOptions>
{
    public ValidateOptionsResult Validate(string? name, CodexOptions options)
    {
        var faults = new SettingFaults(CodexOptions.Section);
        faults.Check(options.Command.Length > 0, nameof(options.Command), options.Command, "a program such as codex");
        faults.Check(options.Sandbox.Length == 0 || CodexSandbox.TryParse(options.Sandbox, out _),
            nameof(options.Sandbox), options.Sandbox, CodexSandbox.Words);
        faults.Check(options.LocalProvider is "" or "ollama" or "lmstudio", nameof(options.LocalProvider),
            options.LocalProvider, "ollama or lmstudio");
        faults.Check(!options.Closed || options.LocalProvider == "ollama", nameof(options.LocalProvider),
            options.LocalProvider, "ollama, because Closed is true");
        faults.Check(!options.Closed || options.Model.Length > 0, nameof(options.Model), options.Model,
            "a model of the local Ollama, because Closed is true");
        faults.CheckTime(nameof(options.Timeout), options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return faults.ToResult();
    }
}
