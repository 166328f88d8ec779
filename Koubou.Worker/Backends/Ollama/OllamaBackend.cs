using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OllamaSharp;
using OllamaSharp.Models.Chat;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>An Ollama server: is it there, does it hold the model, and the way to chat with it.</summary>
internal sealed partial class OllamaBackend : IBackend, IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly OllamaOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<OllamaBackend> _logger;
    private readonly HttpClient _http;
    private readonly OllamaApiClient _api;
    private readonly OpenTelemetryChatClient _chat;
    private readonly OllamaPulls _pulls;
    private readonly TaskCompletionSource _probed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OllamaState _state = OllamaState.Away;

    public OllamaBackend(
        IOptions<OllamaOptions> options, OllamaSource source, TimeProvider clock, ILogger<OllamaBackend> logger)
    {
        _options = options.Value;
        _clock = clock;
        _logger = logger;
        IsConfigured = source.IsConfigured;
        Address = OllamaAddress.Parse(_options.Endpoint);
        Zone = _options.Zone ?? OllamaAddress.ZoneOf(Address);
        _http = NewHttpClient();
        _api = new OllamaApiClient(_http, _options.Model);
        _chat = new OpenTelemetryChatClient(new OllamaChatClient(_api), sourceName: WorkerTelemetry.Name);
        _pulls = new OllamaPulls(_api, _options, clock, () => Changed?.Invoke(), logger);
    }

    public event Action? Changed;

    public string Name => "ollama";

    public Uri Address { get; }

    public Zone Zone { get; }

    /// <summary>Somebody named this Ollama, so nothing else may answer in its place.</summary>
    public bool IsConfigured { get; }

    /// <summary>It was there at least once since this process began.</summary>
    public bool WasSeen { get; private set; }

    /// <summary>Completes when it is known whether there is an Ollama; bounded by the probe's timeout.</summary>
    public Task FirstProbe => _probed.Task;

    public Backend Describe()
    {
        var state = Volatile.Read(ref _state);
        return new Backend
        {
            Name = Name,
            Kind = "ollama",
            Zone = Zone,
            Healthy = state.Reachable && _pulls.Trouble is null,
            Detail = state.Reachable ? _pulls.Detail ?? "" : OllamaSentences.Unreachable(Address),
            Models = { state.Models },
            LoadedModels = { state.LoadedModels },
        };
    }

    /// <summary>One look: is it there, which models does it have, which are loaded.</summary>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var seen = await LookAsync(cancellationToken);
        var before = Interlocked.Exchange(ref _state, seen);
        WasSeen |= seen.Reachable;
        var first = _probed.TrySetResult();
        if (seen.Reachable != before.Reachable)
        {
            Tell(seen);
        }
        else if (first && IsConfigured)
        {
            LogAway(OllamaSentences.Unreachable(Address));
        }

        if (first || !seen.SaysTheSame(before))
        {
            Changed?.Invoke();
        }
    }

    /// <summary>Waits in the slot, saying why, for an Ollama that is away; gives back when it does not come.</summary>
    public async Task WaitUntilReachableAsync(ICraftsmanContext context, CancellationToken cancellationToken)
    {
        var since = _clock.GetTimestamp();
        while (!Volatile.Read(ref _state).Reachable)
        {
            await ProbeAsync(cancellationToken);
            if (Volatile.Read(ref _state).Reachable)
            {
                return;
            }

            context.ReportProgress(OllamaSentences.Unreachable(Address));
            if (_clock.GetElapsedTime(since) >= _options.ReachableWait)
            {
                throw new GiveBackException(
                    OllamaFaultHandler.Unreachable, OllamaSentences.Unreachable(Address), _options.RetryAfter);
            }

            await Task.Delay(LookAgain, _clock, cancellationToken);
        }
    }

    public async Task<ReadyModel> OpenAsync(string model, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        var wanted = model.Length > 0 ? model : _options.Model;
        var shown = await ShowAsync(wanted, cancellationToken);
        if (shown is null)
        {
            await _pulls.EnsureAsync(wanted, context, cancellationToken);
            shown = await ShowAsync(wanted, cancellationToken)
                ?? throw new GiveBackException(
                    OllamaFaultHandler.ModelMissing, OllamaSentences.Missing(wanted), _options.RetryAfter);
        }

        // A local Ollama that passes the chat on to another host is as far away as that host.
        var isRemote = !string.IsNullOrEmpty(shown.RemoteHost) || !string.IsNullOrEmpty(shown.RemoteModel);
        return new ReadyModel(_chat, Name, wanted, isRemote ? Zone.Cloud : Zone, Simulated: false);
    }

    public void Note(ChatResponseUpdate update, AttemptFacts facts)
    {
        if (update.RawRepresentation is ChatDoneResponseStream done)
        {
            facts.ModelLoad = Nanoseconds(done.LoadDuration);
            facts.Generation = Nanoseconds(done.EvalDuration);
            facts.Usage = new TokenUsage { PromptTokens = done.PromptEvalCount, CompletionTokens = done.EvalCount };
        }
    }

    public void Dispose()
    {
        _pulls.Dispose();
        _chat.Dispose();
        _api.Dispose();
        _http.Dispose();
    }

    private static Duration Nanoseconds(long nanoseconds) =>
        Duration.FromTimeSpan(TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick));

    private HttpClient NewHttpClient()
    {
        var sockets = new SocketsHttpHandler
        {
            ConnectTimeout = _options.ProbeTimeout,
            // An answer that nobody wants any more is not read to its end: closing the connection stops the model.
            ResponseDrainTimeout = TimeSpan.Zero,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // A redirect or a proxy could carry a task's content to another place than its policy was checked for.
            AllowAutoRedirect = false,
            UseProxy = Zone == Zone.Cloud,
        };
        return new HttpClient(new OllamaFaultHandler(Address, _options.RetryAfter, sockets))
        {
            BaseAddress = Address,
            // Each call has its own bound: the attempt's timeout, or the probe's.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private async Task<OllamaState> LookAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ProbeTimeout);
        try
        {
            var version = await GetAsync("api/version", OllamaJson.Default.OllamaVersion, limit.Token);
            var tags = await GetAsync("api/tags", OllamaJson.Default.OllamaModels, limit.Token);
            var loaded = await GetAsync("api/ps", OllamaJson.Default.OllamaModels, limit.Token);
            return new OllamaState(Reachable: true, version?.Version ?? "", Names(tags), Names(loaded));
        }
        catch (Exception exception)
        {
            // A look that was cut short says nothing about Ollama.
            cancellationToken.ThrowIfCancellationRequested();
            LogProbeFailed(exception.Message);
            return OllamaState.Away;
        }
    }

    private Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        _http.GetFromJsonAsync(path, type, cancellationToken);

    private static List<string> Names(OllamaModels? models) =>
        [.. (models?.Models ?? []).Select(model => model.Name).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>What Ollama says about the model right now. Null: it has none of that name.</summary>
    private async Task<OllamaShown?> ShowAsync(string model, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ProbeTimeout);
        try
        {
            using var response = await _http.PostAsJsonAsync(
                "api/show", new OllamaQuestion(model), OllamaJson.Default.OllamaQuestion, limit.Token);
            return await response.Content.ReadFromJsonAsync(OllamaJson.Default.OllamaShown, limit.Token)
                ?? new OllamaShown(RemoteModel: null, RemoteHost: null);
        }
        catch (TaskFailureException failure) when (failure.Code == OllamaFaultHandler.ModelMissing)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GiveBackException(
                OllamaFaultHandler.Unreachable, OllamaSentences.Unreachable(Address), _options.RetryAfter);
        }
    }

    private void Tell(OllamaState seen)
    {
        if (seen.Reachable)
        {
            LogFound(seen.Version, Address, seen.Models.Count);
        }
        else
        {
            LogAway(OllamaSentences.Unreachable(Address));
        }
    }

    [LoggerMessage(LogLevel.Information, "Ollama {Version} answers at {Address}, with {Models} models")]
    private partial void LogFound(string version, Uri address, int models);

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogAway(string sentence);

    [LoggerMessage(LogLevel.Debug, "No look at Ollama: {Reason}")]
    private partial void LogProbeFailed(string reason);
}
