using Koubou.Contracts;
using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Nodes;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.AgentCli;

internal sealed class AgentOptionsValidator : IValidateOptions<AgentOptions>
{
    private static readonly string[] Taken = ["ollama", "demo", "codex"];

    public ValidateOptionsResult Validate(string? name, AgentOptions options)
    {
        var faults = new SettingFaults(AgentOptions.Section);
        for (var index = 0; index < options.Folders.Count; index++)
        {
            faults.Check(Path.IsPathFullyQualified(options.Folders[index]), $"{nameof(options.Folders)}:{index}",
                options.Folders[index], "a whole path, such as /home/me/projects");
        }

        faults.Check(options.CopyBytesMax >= 0, nameof(options.CopyBytesMax), options.CopyBytesMax, "0 or more");
        faults.CheckTime(nameof(options.ProbeInterval), options.ProbeInterval, TimeSpan.FromMilliseconds(50),
            TimeSpan.FromDays(1));
        faults.CheckTime(nameof(options.ProbeTimeout), options.ProbeTimeout, TimeSpan.FromSeconds(1),
            TimeSpan.FromMinutes(10));
        foreach (var (agent, cli) in options.Clis)
        {
            Check(agent, cli, faults);
        }

        return faults.ToResult();
    }

    private static void Check(string agent, AgentCliOptions cli, SettingFaults faults)
    {
        var key = $"{nameof(AgentOptions.Clis)}:{agent}";
        faults.Check(WorkerOptionsValidator.NodeIdPattern().IsMatch(agent) && !Taken.Contains(agent), key, agent,
            "1 to 64 letters, digits, '.', '_' or '-', and none of ollama, demo, codex");
        faults.Check(cli.Command.Length > 0, $"{key}:{nameof(cli.Command)}", cli.Command, "a program such as claude");
        faults.Check(cli.Zone is Zone.Local or Zone.Private or Zone.Cloud, $"{key}:{nameof(cli.Zone)}", cli.Zone,
            "Local, Private or Cloud");
        faults.Check(Has(cli, "{prompt}") == (cli.Prompt == PromptWay.Argument), $"{key}:{nameof(cli.Prompt)}", cli.Prompt,
            "Argument exactly when one of the arguments holds {prompt}");
        faults.Check(Has(cli, "{prompt_file}") == (cli.Prompt == PromptWay.File), $"{key}:{nameof(cli.Prompt)}", cli.Prompt,
            "File exactly when one of the arguments holds {prompt_file}");
        faults.Check(cli.AnswerPath.Length > 0 == (cli.Answer != AnswerWay.Text), $"{key}:{nameof(cli.AnswerPath)}",
            cli.AnswerPath, "a path such as result for JsonLines and LastMessage, nothing for Text");
        foreach (var (name, path) in Paths(cli))
        {
            faults.Check(path.Length == 0 || JsonPick.TryParse(path, out _), $"{key}:{name}", path,
                "a path such as message.content[].text, after a condition if need be: type=result: result");
        }

        faults.CheckTime($"{key}:{nameof(cli.Timeout)}", cli.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    }

    private static bool Has(AgentCliOptions cli, string place) =>
        cli.Arguments.Any(argument => argument.Contains(place, StringComparison.Ordinal));

    private static IEnumerable<(string Name, string Path)> Paths(AgentCliOptions cli) =>
    [
        (nameof(cli.AnswerPath), cli.AnswerPath), (nameof(cli.ProgressPath), cli.ProgressPath),
        (nameof(cli.ErrorPath), cli.ErrorPath), (nameof(cli.PromptTokensPath), cli.PromptTokensPath),
        (nameof(cli.CompletionTokensPath), cli.CompletionTokensPath),
    ];
}
