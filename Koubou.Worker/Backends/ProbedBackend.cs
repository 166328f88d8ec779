using Koubou.Contracts;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends;

/// <summary>A model server that is looked at again and again: what was seen last decides whether it is asked at all.</summary>
internal abstract partial class ProbedBackend : IBackend, IDisposable
{
    private readonly BackendOptions _options;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _probed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BackendState _state;

    protected ProbedBackend(
        string name, string kind, Uri address, Zone zone, BackendOptions options, BackendFaults faults, ILogger logger)
    {
        Name = name;
        Kind = kind;
        Address = address;
        Zone = zone;
        Faults = faults;
        Traits = BackendTraits.Of(options);
        _options = options;
        _logger = logger;
        _state = BackendState.Away(faults.Words.NotFoundYet(), BackendFaults.Unreachable);
    }

    public event Action? Changed;

    public string Name { get; }

    public string Kind { get; }

    public Uri Address { get; }

    public Zone Zone { get; }

    public BackendTraits Traits { get; }

    public virtual bool IsConfigured => true;

    public bool Available => State.Reachable;

    /// <summary>It was there at least once since this process began.</summary>
    public bool WasSeen { get; private set; }

    public Task FirstProbe => _probed.Task;

    public TimeSpan ProbeInterval => _options.ProbeIntervalIn(Zone);

    protected BackendFaults Faults { get; }

    protected BackendState State => Volatile.Read(ref _state);

    public virtual Backend Describe()
    {
        var state = State;
        return new Backend
        {
            Name = Name,
            Kind = Kind,
            Zone = Zone,
            Healthy = state.Reachable && state.Trouble.Length == 0,
            Detail = state.Trouble,
            DetailCode = state.TroubleCode,
            Models = { state.Models },
            LoadedModels = { state.LoadedModels },
            CloudModels = { state.CloudModels },
            OnlyWhenNamed = Traits.OnlyWhenNamed,
            DefaultModel = _options.Model,
        };
    }

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var seen = await LookAsync(cancellationToken);
        var before = Interlocked.Exchange(ref _state, seen);
        WasSeen |= seen.Reachable;
        var first = _probed.TrySetResult();
        if (seen.Reachable != before.Reachable || (seen.Trouble != before.Trouble && (!first || IsConfigured)))
        {
            Tell(seen);
        }

        if (first || !seen.SaysTheSame(before))
        {
            RaiseChanged();
        }
    }

    public virtual bool Serves(string model) => Has(State.Models, model);

    public virtual bool Holds(string model, string runner) => Has(State.LoadedModels, model);

    public GiveBackException Away() => State is { Trouble.Length: > 0 } state
        ? new GiveBackException(state.TroubleCode, state.Trouble, _options.RetryAfter)
        : Faults.Away(_options.RetryAfter);

    public abstract Task<ReadyModel> OpenAsync(
        string model, ICraftsmanContext context, CancellationToken cancellationToken);

    public abstract void Note(ChatResponseUpdate update, AttemptFacts facts);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    /// <summary>Asks the server; may throw, which means that it is away.</summary>
    protected abstract Task<BackendState> SeeAsync(CancellationToken cancellationToken);

    protected string ModelOr(string model) => model.Length > 0 ? model : _options.Model;

    protected void RaiseChanged() => Changed?.Invoke();

    private bool Has(IReadOnlyList<string> models, string model) => models.Contains(ModelOr(model), StringComparer.Ordinal);

    private async Task<BackendState> LookAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ProbeTimeout);
        CallScope.ForNode(limit.Token);
        try
        {
            return await SeeAsync(limit.Token);
        }
        catch (Exception exception)
        {
            // A look that was cut short says nothing about the backend.
            cancellationToken.ThrowIfCancellationRequested();
            LogProbeFailed(Name, exception.Message);
            return exception is TaskFailureException failure
                ? BackendState.Away(failure.Message, failure.Code)
                : BackendState.Away(Faults.Words.Unreachable(), BackendFaults.Unreachable);
        }
    }

    private void Tell(BackendState seen)
    {
        if (seen.Trouble.Length > 0)
        {
            LogTrouble(seen.Trouble);
        }
        else
        {
            LogFound(Name, seen.Version.Length > 0 ? $"{Kind} {seen.Version}" : Kind, Address, seen.Models.Count);
        }
    }

    [LoggerMessage(LogLevel.Information, "Backend {Name} ({Product}) answers at {Address}, with {Models} models")]
    private partial void LogFound(string name, string product, Uri address, int models);

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogTrouble(string sentence);

    [LoggerMessage(LogLevel.Debug, "No look at backend {Name}: {Reason}")]
    private partial void LogProbeFailed(string name, string reason);
}
