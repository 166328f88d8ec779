using Koubou.Worker.Backends.Http;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>Gets missing models, each only once at a time, and remembers for a while what could not be had.</summary>
internal sealed partial class OllamaPulls(
    HttpClient http, OllamaOptions options, TimeProvider clock, Action changed, ILogger logger) : IDisposable
{
    // Ollama's registry says this of a model that does not exist; waiting will not bring it.
    private const string NoSuchModel = "file does not exist";

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _leaving = new();
    private readonly Dictionary<string, (string Reason, long Since)> _failed = [];
    private readonly Dictionary<string, (OllamaPull Pull, Task<string?> Done)> _running = [];

    /// <summary>The sentence of the last pull that failed and has not been mended. Null: none.</summary>
    public string? Trouble
    {
        get
        {
            lock (_gate)
            {
                return _failed.Count == 0 ? null
                    : string.Join(' ', _failed.Select(failed => OllamaWords.PullFailed(failed.Key, failed.Value.Reason)));
            }
        }
    }

    /// <summary>What goes on, or what is wrong. Null: nothing.</summary>
    public string? Detail
    {
        get
        {
            lock (_gate)
            {
                return _running.Count > 0 ? string.Join("; ", _running.Values.Select(entry => entry.Pull.Note)) : Trouble;
            }
        }
    }

    /// <summary>Returns when the model was pulled; gives the task back when it could not be.</summary>
    public async Task EnsureAsync(string model, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        if (!options.PullMissing)
        {
            throw new GiveBackException(
                BackendFaults.ModelMissing, OllamaWords.Missing(model), options.PullRetryAfter);
        }

        var (pull, done) = Join(model);
        try
        {
            while (!done.IsCompleted)
            {
                var change = pull.Changed;
                context.ReportProgress(pull.Note);
                await Task.WhenAny(done, change).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException exception)
        {
            // The pull goes on; the attempt did not fail for lack of it.
            throw new GiveBackException("model_pulling", $"Still {pull.Note}.", options.PullRetryAfter, exception);
        }

        if (await done is { } reason)
        {
            throw Failure(model, reason);
        }
    }

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    private (OllamaPull Pull, Task<string?> Done) Join(string model)
    {
        lock (_gate)
        {
            if (_running.TryGetValue(model, out var running))
            {
                return running;
            }

            if (_failed.TryGetValue(model, out var failed) && clock.GetElapsedTime(failed.Since) < options.PullRetryAfter)
            {
                throw Failure(model, failed.Reason);
            }

            var pull = new OllamaPull(model);
            return _running[model] = (pull, Task.Run(() => RunAsync(pull)));
        }
    }

    private async Task<string?> RunAsync(OllamaPull pull)
    {
        LogPulling(pull.Model);
        CallScope.ForNode(_leaving.Token);
        string? reason;
        try
        {
            reason = await pull.RunAsync(http, options.PullStallTimeout, clock, changed, _leaving.Token);
        }
        catch (Exception exception)
        {
            reason = exception.Message;
        }

        lock (_gate)
        {
            _running.Remove(pull.Model);
            if (reason is null)
            {
                _failed.Remove(pull.Model);
            }
            else
            {
                _failed[pull.Model] = (reason, clock.GetTimestamp());
            }
        }

        if (reason is null)
        {
            LogPulled(pull.Model);
        }
        else
        {
            LogPullFailed(OllamaWords.PullFailed(pull.Model, reason));
        }

        changed();
        return reason;
    }

    private Exception Failure(string model, string reason)
    {
        var sentence = OllamaWords.PullFailed(model, reason);
        return reason.Contains(NoSuchModel, StringComparison.OrdinalIgnoreCase)
            ? TaskFailureException.Permanent(BackendFaults.ModelUnknown, sentence)
            : new GiveBackException(BackendFaults.ModelMissing, sentence, options.PullRetryAfter);
    }

    [LoggerMessage(LogLevel.Information, "Pulling {Model}: Ollama does not have it yet")]
    private partial void LogPulling(string model);

    [LoggerMessage(LogLevel.Information, "Pulled {Model}")]
    private partial void LogPulled(string model);

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogPullFailed(string sentence);
}
