using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Worker.Backends.AgentCli;
using Koubou.Worker.Backends.AgentCli.Workplaces;
using Koubou.Worker.Backends.CodexCli.Closed;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Craftsmen.Structured;
using Koubou.Worker.Processes;
using Koubou.Worker.Processes.Relays;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.CodexCli;

/// <summary>Codex CLI: works on a task with commands of its own, in its sandbox, and answers with its last message.</summary>
internal sealed partial class CodexAgent : IAgent
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BusyRetryAfter = TimeSpan.FromMinutes(1);

    private readonly CodexOptions _options;
    private readonly CodexProgram _program;
    private readonly LocalModels _models;
    private readonly Workplaces _places;
    private readonly TimeSpan _lookLimit;
    private readonly TimeProvider _clock;
    private readonly ILogger<CodexAgent> _logger;
    private readonly bool _unsafeAllowed;
    private CodexState? _state;
    private string? _writeRefused;

    public CodexAgent(
        IOptions<CodexOptions> options, IOptions<AgentOptions> agents, CodexProgram program, LocalModels models,
        Workplaces places, IConfiguration configuration, TimeProvider clock, ILogger<CodexAgent> logger)
    {
        _options = options.Value;
        _program = program;
        _models = models;
        _places = places;
        _lookLimit = agents.Value.ProbeTimeout;
        _clock = clock;
        _logger = logger;
        _unsafeAllowed = configuration[CodexOptions.UnsafeVariable] == "1";
    }

    public event Action? Changed;

    public string Name => "codex";

    // Also on a local model, unless it is closed in: nothing else keeps the program itself from reaching out.
    public Zone Zone => Volatile.Read(ref _state) is { IsClosed: true, Trouble: null } ? Zone.Local : Zone.Cloud;

    public string? ZoneReason => _options.Closed ? Volatile.Read(ref _state)?.Trouble : null;

    public bool IsConfigured => _options.Enabled == true;

    public Backend? Describe()
    {
        var state = Volatile.Read(ref _state);
        if (_options.Enabled == false || (_options.Enabled is null && state?.Version is null))
        {
            return null;
        }

        return new Backend
        {
            Name = Name,
            Kind = Name,
            Zone = Zone,
            Healthy = state is { Trouble: null },
            Detail = state?.Trouble ?? Volatile.Read(ref _writeRefused) ?? state?.Version ?? "",
            Advice = Volatile.Read(ref _writeRefused) ?? "",
            OnlyWhenNamed = true,
            Models = { _options.Model.Length > 0 ? [_options.Model] : Array.Empty<string>() },
        };
    }

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        if (_options.Enabled == false)
        {
            return;
        }

        var seen = await _program.LookAsync(sandboxed: !_unsafeAllowed || _options.Closed, _lookLimit, cancellationToken);
        if (_options.Closed && seen.Trouble is null && _models.Trouble is { } far)
        {
            seen = new CodexState(seen.Version, far);
        }

        var before = Interlocked.Exchange(ref _state, seen);
        if (seen == before)
        {
            return;
        }

        if (seen.Trouble is { } trouble && Describe() is not null)
        {
            LogTrouble(trouble);
        }
        else if (seen.Version is { Length: > 0 } version)
        {
            LogFound(version);
        }

        Changed?.Invoke();
    }

    public async Task<TaskResult> WorkAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        var mode = CodexSandbox.Choose(task, _options, _unsafeAllowed);
        var model = task.Model.Length > 0 ? task.Model : _options.Model;
        if (_options.Closed && !model[(model.LastIndexOf('/') + 1)..].Contains(':'))
        {
            // As Ollama itself completes a name; Codex would take it for a model that has yet to be pulled.
            model += ":latest";
        }

        context.Facts.Backend = Name;
        context.Facts.Model = model;
        context.Facts.Zone = mode != SandboxMode.DangerFullAccess ? Zone : Zone.Cloud;
        await using var door = _options.Closed
            ? await ModelDoor.OpenAsync(_models, task, model, cancellationToken) : null;
        using var place = await _places.OpenAsync(task, writes: mode != SandboxMode.ReadOnly, cancellationToken);
        var schema = place.File("schema.json");
        if (task.OutputSchema.Length > 0)
        {
            await File.WriteAllTextAsync(schema, task.OutputSchema, cancellationToken);
        }

        var arguments = CodexCommand.Arguments(
            _options, place.Folder, mode, model, task.OutputSchema.Length > 0 ? schema : null);
        var result = await StructuredOutput.AskAsync(
            task, AgentTask.Prompt(task), context,
            prompt => RunAsync(arguments, place, mode, prompt, door?.Relay, context, cancellationToken));
        await _places.KeepChangesAsync(place, context, cancellationToken);
        return result;
    }

    private async Task<string> RunAsync(
        List<string> arguments, Workplace place, SandboxMode mode, string prompt, LoopbackRelay? relay,
        ICraftsmanContext context, CancellationToken stop)
    {
        var since = _clock.GetTimestamp();
        var transcript = new CodexTranscript(
            context, () => context.Facts.FirstToken ??= Duration.FromTimeSpan(_clock.GetElapsedTime(since)));
        ChildExit exit;
        try
        {
            exit = await _program.RunAsync(
                arguments, place.Folder, place.Home, place.Temporary, prompt, _options.Timeout, transcript.HearAsync,
                transcript.TakesLog, relay, stop);
        }
        catch (ChildException exception)
        {
            throw Failure(exception);
        }

        context.Facts.Generation = Duration.FromTimeSpan(_clock.GetElapsedTime(since));
        NoteRefusal(transcript, mode);
        return exit.Code == 0 && transcript is { Completed: true, Failure: null }
            ? transcript.Answer
            : throw Failure(transcript.Failure ?? (exit.Errors.Length > 0 ? exit.Errors : $"It ended with code {exit.Code}."));
    }

    // Kept for the health detail until a later run could write, or did not want to.
    private void NoteRefusal(CodexTranscript transcript, SandboxMode mode)
    {
        var sentence = transcript.WriteRefused is { } said && mode != SandboxMode.DangerFullAccess
            ? CodexSentences.WriteRefused(mode, said)
            : null;
        if (Interlocked.Exchange(ref _writeRefused, sentence) == sentence)
        {
            return;
        }

        if (sentence is not null)
        {
            LogTrouble(sentence);
        }

        Changed?.Invoke();
    }

    private Exception Failure(ChildException exception) => exception.Fault switch
    {
        ChildFault.NotStarted => new GiveBackException(
            "agent_missing",
            _options.Closed ? CodexSentences.NotClosed(exception.Message) : CodexSentences.Missing(_options.Command), RetryAfter, exception),
        ChildFault.TimedOut => TaskFailureException.Transient(
            "timeout",
            $"Codex was stopped after {Failures.Words(_options.Timeout)} (Koubou:Worker:Codex:Timeout); it waits without end "
            + "for a provider that does not answer.", inner: exception),
        _ => TaskFailureException.Permanent("output_too_long", $"Codex was stopped: {exception.Message}", exception),
    };

    // Codex passes its provider's words on; the status in them is the steadiest part.
    private TaskFailureException Failure(string said)
    {
        if (Says("401", "Unauthorized", "not logged in", "login"))
        {
            return TaskFailureException.Permanent("codex_unauthorized", CodexSentences.Unauthorized(said, _program.Home));
        }

        return Says("429", "usage limit", "rate limit")
            ? TaskFailureException.Transient("backend_busy", $"Codex has to wait: {said}", BusyRetryAfter)
            : TaskFailureException.Transient("codex_failed", $"Codex failed: {said}");

        bool Says(params ReadOnlySpan<string> words)
        {
            foreach (var word in words)
            {
                if (said.Contains(word, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Codex is there: {Version}")]
    private partial void LogFound(string version);

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogTrouble(string sentence);
}
