using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Telemetry;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>An Ollama server: is it there, does it hold the model, and the way to chat with it.</summary>
internal sealed class OllamaBackend : ProbedBackend
{
    public const string KindName = "ollama";

    private readonly OllamaOptions _options;
    private readonly HttpClient _http;
    private readonly OpenTelemetryChatClient _chat;
    private readonly OllamaPulls _pulls;
    private readonly ConcurrentDictionary<string, long> _contextMax = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _contextSet = new(StringComparer.Ordinal);
    // With which runner options each model was asked last: so it is loaded now, if it is.
    private readonly ConcurrentDictionary<string, string> _runners = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, long> _contextLoaded = new Dictionary<string, long>(StringComparer.Ordinal);

    public OllamaBackend(
        string name, bool isConfigured, OllamaOptions options, BackendHttp clients, PolicyAudit audit, TimeProvider clock,
        ILogger<OllamaBackend> logger)
        : this(name, isConfigured, options, OllamaAddress.Parse(options.Endpoint), clients, audit, clock, logger)
    {
    }

    private OllamaBackend(
        string name, bool isConfigured, OllamaOptions options, Uri address, BackendHttp clients, PolicyAudit audit,
        TimeProvider clock, ILogger<OllamaBackend> logger)
        : base(name, KindName, address, clients.ZoneOf(options, address), options,
            new BackendFaults(new OllamaWords(name, address), clock), logger)
    {
        _options = options;
        IsConfigured = isConfigured;
        _http = clients.NewClient(name, address, Zone, options, Faults);
        var chat = new OllamaChatClient(name, _http, options, Faults, audit, RoomOf, NoteRunner, () => State.Version);
        _chat = new OpenTelemetryChatClient(
            new CheckedChatClient(chat, Faults, options.SilenceTimeout, clock), sourceName: WorkerTelemetry.Name);
        _pulls = new OllamaPulls(_http, options, clock, RaiseChanged, logger);
    }

    public override bool IsConfigured { get; }

    public override Backend Describe()
    {
        var described = base.Describe();
        if (Available)
        {
            described.Healthy &= _pulls.Trouble is null;
            if (_pulls.Detail is { } pulling)
            {
                (described.Detail, described.DetailCode) =
                    (pulling, _pulls.Trouble is null ? "model_pulling" : BackendFaults.ModelMissing);
            }
        }

        described.SwapsModels = true;
        described.LoadedRunners.AddRange(described.LoadedModels.Select(LoadedKey));

        return described;
    }

    // Ollama takes a name without a tag for the latest one.
    public override bool Serves(string model) => base.Serves(model) || base.Serves(ModelOr(model) + ":latest");

    public override bool Holds(string model, string runner)
    {
        var key = RunnerOptions.Key(ModelOr(model), runner);
        return State.LoadedModels.Any(loaded => LoadedKey(loaded) == key);
    }

    public override async Task<ReadyModel> OpenAsync(
        string model, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        var wanted = ModelOr(model);
        var shown = await ShowAsync(wanted, cancellationToken);
        if (shown is null)
        {
            await _pulls.EnsureAsync(wanted, context, cancellationToken);
            shown = await ShowAsync(wanted, cancellationToken)
                ?? throw new GiveBackException(
                    BackendFaults.ModelMissing, OllamaWords.Missing(wanted), _options.PullRetryAfter);
        }

        KeepContext(wanted, shown);
        // A local Ollama that passes the chat on to another host is as far away as that host.
        return new ReadyModel(_chat, Name, wanted, shown.IsRemote ? Zone.Cloud : Zone, Simulated: false);
    }

    public override void Note(ChatResponseUpdate update, AttemptFacts facts)
    {
        if (update.RawRepresentation is not OllamaChatLine line)
        {
            return;
        }

        if (line.IsRemote)
        {
            facts.Zone = Zone.Cloud;
        }

        if (line.Done)
        {
            facts.ModelLoad = Nanoseconds(line.LoadDuration);
            facts.Generation = Nanoseconds(line.EvalDuration);
            facts.Usage = new TokenUsage { PromptTokens = line.PromptEvalCount, CompletionTokens = line.EvalCount };
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _pulls.Dispose();
            _chat.Dispose();
            _http.Dispose();
        }
    }

    protected override async Task<BackendState> SeeAsync(CancellationToken cancellationToken)
    {
        var version = await GetAsync("api/version", OllamaJson.Default.OllamaVersion, cancellationToken);
        var tags = await GetAsync("api/tags", OllamaJson.Default.OllamaModels, cancellationToken);
        var loaded = await GetAsync("api/ps", OllamaJson.Default.OllamaModels, cancellationToken);
        Volatile.Write(ref _contextLoaded, (loaded?.Models ?? [])
            .Where(model => model is { Name: not null, ContextLength: > 0 })
            .DistinctBy(model => model.Name, StringComparer.Ordinal)
            .ToDictionary(model => model.Name!, model => model.ContextLength!.Value, StringComparer.Ordinal));
        var names = Names(tags);
        // With a pull in reach it is no trouble yet.
        var isMissing = !_options.PullMissing && !names.Contains(_options.Model) && !names.Contains(_options.Model + ":latest");
        return new BackendState(
            Reachable: true, version?.Version ?? "", names, Names(loaded),
            isMissing ? OllamaWords.Missing(_options.Model) : "", isMissing ? BackendFaults.ModelMissing : "")
        {
            CloudModels = [.. (tags?.Models ?? []).Where(model => model.IsRemote).Select(model => model.Name).OfType<string>()],
        };
    }

    private string LoadedKey(string model) => RunnerOptions.Key(model, _runners.GetValueOrDefault(RunnerOptions.Key(model, ""), ""));

    private void NoteRunner(string model, string runner)
    {
        var name = RunnerOptions.Key(model, "");
        if (_runners.GetValueOrDefault(name, "") != runner)
        {
            _runners[name] = runner;
            RaiseChanged();
        }
    }

    private static Duration Nanoseconds(long nanoseconds) =>
        Duration.FromTimeSpan(TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick));

    private static List<string> Names(OllamaModels? models) =>
        [.. (models?.Models ?? []).Select(model => model.Name).OfType<string>().Order(StringComparer.Ordinal)];

    private Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        _http.GetFromJsonAsync(path, type, cancellationToken);

    /// <summary>How many tokens prompt and answer may have together. Null: not known.</summary>
    private long? RoomOf(string model, ChatOptions? options)
    {
        var max = _contextMax.TryGetValue(model, out var most) ? most : (long?)null;
        var asked = options?.AdditionalProperties?.TryGetValue("num_ctx", out var value) == true
            && value is JsonElement { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var wanted)
            ? wanted
            : _contextSet.TryGetValue(model, out var set) ? set
            : Volatile.Read(ref _contextLoaded).TryGetValue(model, out var loaded) ? loaded
            : (long?)null;
        return asked is { } room && max is { } limit ? Math.Min(room, limit) : asked ?? max;
    }

    private void KeepContext(string model, OllamaShown shown)
    {
        var length = shown.ModelInfo?.FirstOrDefault(info => info.Key.EndsWith(".context_length", StringComparison.Ordinal));
        if (length is { Value: { ValueKind: JsonValueKind.Number } number } && number.TryGetInt64(out var most))
        {
            _contextMax[model] = most;
        }

        foreach (var line in (shown.Parameters ?? "").Split('\n'))
        {
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is ["num_ctx", var text]
                && long.TryParse(text, out var set))
            {
                _contextSet[model] = set;
            }
        }
    }

    /// <summary>What Ollama says about the model right now. Null: it has none of that name.</summary>
    private async Task<OllamaShown?> ShowAsync(string model, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ProbeTimeout);
        try
        {
            using var response = await _http.PostAsJsonAsync(
                "api/show", new OllamaQuestion(model), OllamaJson.Default.OllamaQuestion, limit.Token);
            return await response.Content.ReadFromJsonAsync(OllamaJson.Default.OllamaShown, limit.Token);
        }
        catch (TaskFailureException failure) when (failure.Code == BackendFaults.ModelMissing)
        {
            return null;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Faults.Away(_options.RetryAfter, exception);
        }
    }
}
