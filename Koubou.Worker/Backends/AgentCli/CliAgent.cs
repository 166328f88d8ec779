using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Worker.Backends.AgentCli.Workplaces;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Craftsmen.Structured;
using Koubou.Worker.Processes;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>An agent that the operator described: any program that takes a prompt and answers.</summary>
internal sealed partial class CliAgent(
    string name, AgentCliOptions options, ChildProcesses children, Workplaces.Workplaces places, TimeProvider clock,
    ILogger<CliAgent> logger) : IAgent
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);
    private string? _trouble;

    public event Action? Changed;

    public string Name => name;

    public Zone Zone => options.Zone;

    public bool IsConfigured => true;

    public Backend Describe()
    {
        var trouble = Volatile.Read(ref _trouble);
        return new Backend
        {
            Name = name,
            Kind = "agent",
            Zone = options.Zone,
            Healthy = trouble is null,
            Detail = trouble ?? "",
            OnlyWhenNamed = true,
            Models = { options.Model.Length > 0 ? [options.Model] : Array.Empty<string>() },
        };
    }

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var path = CleanEnvironment.Create("", "", options.PassEnvironment).GetValueOrDefault("PATH", "");
        var trouble = ProgramPath.Find(options.Command, path) is null ? Missing()
            : !options.Network && !(await children.EnclosureAsync()).Encloses ? NotCutOff()
            : null;
        var before = Interlocked.Exchange(ref _trouble, trouble);
        if (trouble == before)
        {
            return;
        }

        if (trouble is not null)
        {
            LogTrouble(trouble);
        }

        Changed?.Invoke();
    }

    public async Task<TaskResult> WorkAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        var model = task.Model.Length > 0 ? task.Model : options.Model;
        context.Facts.Backend = name;
        context.Facts.Model = model;
        context.Facts.Zone = options.Zone;
        using var place = await places.OpenAsync(task, options.Writes, cancellationToken);
        var first = AgentTask.Prompt(task);
        var schema = "";
        if (task.OutputSchema.Length > 0)
        {
            schema = place.File("schema.json");
            await File.WriteAllTextAsync(schema, task.OutputSchema, cancellationToken);
            first += "\n\nAnswer with one JSON value that satisfies this JSON schema, and nothing else:\n" + task.OutputSchema;
        }

        var result = await StructuredOutput.AskAsync(
            task, first, context, prompt => RunAsync(prompt, place, model, schema, context, cancellationToken));
        await places.KeepChangesAsync(place, context, cancellationToken);
        return result;
    }

    private async Task<string> RunAsync(
        string prompt, Workplace place, string model, string schema, ICraftsmanContext context, CancellationToken stop)
    {
        var promptFile = place.File("prompt.txt");
        if (options.Prompt == PromptWay.File)
        {
            await File.WriteAllTextAsync(promptFile, prompt, stop);
        }

        var since = clock.GetTimestamp();
        var transcript = new AgentTranscript(
            options, context, () => context.Facts.FirstToken ??= Duration.FromTimeSpan(clock.GetElapsedTime(since)));
        var arguments = AgentArguments.Fill(options.Arguments, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["{prompt}"] = prompt,
            ["{prompt_file}"] = promptFile,
            ["{model}"] = model,
            ["{schema_file}"] = schema,
            ["{folder}"] = place.Folder,
        });
        var exit = await RunAsync(
            new ChildCommand
            {
                Program = options.Command,
                Arguments = arguments,
                Folder = place.Folder,
                Environment = CleanEnvironment.Create(place.Home, place.Temporary, options.PassEnvironment),
                Input = options.Prompt == PromptWay.Stdin ? prompt : "",
                Timeout = options.Timeout,
                Network = options.Network,
            },
            transcript, stop);
        context.Facts.Generation = Duration.FromTimeSpan(clock.GetElapsedTime(since));
        if (exit.Code != 0 || transcript.Failure is not null)
        {
            var said = transcript.Failure ?? (exit.Errors.Length > 0 ? exit.Errors : "it said nothing");
            throw TaskFailureException.Transient("agent_failed", $"Agent '{name}' failed with code {exit.Code}: {said}");
        }

        return transcript.Answer;
    }

    private async Task<ChildExit> RunAsync(ChildCommand command, AgentTranscript transcript, CancellationToken stop)
    {
        try
        {
            return await children.RunAsync(command, transcript.HearAsync, stop);
        }
        catch (ChildException exception)
        {
            throw exception.Fault switch
            {
                ChildFault.NotStarted => new GiveBackException("agent_missing", exception.Message, RetryAfter, exception),
                ChildFault.TimedOut => TaskFailureException.Transient(
                    "timeout", $"Agent '{name}' was stopped after {Failures.Words(options.Timeout)} "
                    + $"({AgentOptions.Section}:Clis:{name}:Timeout).", inner: exception),
                _ => TaskFailureException.Permanent(
                    "output_too_long", $"Agent '{name}' was stopped: {exception.Message}", exception),
            };
        }
    }

    private string Missing() =>
        $"Agent '{name}' cannot work: there is no program '{options.Command}' on this worker node. Install it, or correct "
        + $"{AgentOptions.Section}:Clis:{name}:Command.";

    private string NotCutOff() =>
        $"Agent '{name}' is to work without a network, but this machine allows no namespaces. Allow them with: sudo sysctl -w "
        + "kernel.unprivileged_userns_clone=1";

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogTrouble(string sentence);
}
