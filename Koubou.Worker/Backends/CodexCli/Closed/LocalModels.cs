using System.Net.Http.Json;
using Koubou.Contracts;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Backends.Ollama;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.CodexCli.Closed;

/// <summary>The Ollama of this machine, which a closed Codex may ask: that one, and only for models that it computes.</summary>
internal sealed class LocalModels : IDisposable
{
    private const string Caller = "codex";

    private readonly OllamaOptions _options;
    private readonly Uri _address;
    private readonly PolicyAudit _audit;
    private readonly BackendFaults _faults;

    public LocalModels(
        IOptionsMonitor<OllamaOptions> options, BackendHttp clients, PolicyAudit audit, TimeProvider clock)
    {
        _options = options.Get(OllamaSettings.DefaultName);
        _address = OllamaAddress.Parse(_options.Endpoint);
        _audit = audit;
        _faults = new BackendFaults(new OllamaWords(OllamaSettings.DefaultName, _address), clock);
        // Not the zone of the settings: each connection must end on this machine's loopback.
        Http = clients.NewClient(Caller, _address, Zone.Local, _options, _faults);
        Trouble = clients.ZoneOf(_options, _address) == Zone.Local
            ? null
            : $"The Ollama at {_address.Authority} is not of this machine; a closed Codex needs one on its loopback "
              + $"({OllamaOptions.Section}:Endpoint).";
    }

    /// <summary>Guarded as those of all backends are; its base address is Ollama's.</summary>
    public HttpClient Http { get; }

    /// <summary>Why nothing behind it counts as local. Null: it does.</summary>
    public string? Trouble { get; }

    /// <summary>Refuses a model that Ollama does not have, or passes on to a cloud.</summary>
    public async Task DemandAsync(AssignedTask task, string model, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_options.ProbeTimeout);
        OllamaShown? shown;
        try
        {
            using var response = await Http.PostAsJsonAsync(
                "api/show", new OllamaQuestion(model), OllamaJson.Default.OllamaQuestion, limit.Token);
            shown = await response.Content.ReadFromJsonAsync(OllamaJson.Default.OllamaShown, limit.Token);
        }
        catch (TaskFailureException failure) when (failure.Code == BackendFaults.ModelMissing)
        {
            throw new GiveBackException(
                BackendFaults.ModelMissing, OllamaWords.Missing(model), _options.PullRetryAfter, failure);
        }
        catch (OperationCanceledException exception) when (!stop.IsCancellationRequested)
        {
            throw _faults.Away(_options.RetryAfter, exception);
        }

        if (shown is not { IsRemote: false })
        {
            throw _audit.Refuse(task.Id, $"{_address.Authority} ({shown?.RemoteHost})",
                $"Codex is closed in, but Ollama passes the model '{model}' on to {Host(shown)}. Nothing was sent. Name a model "
                + "that Ollama computes itself.");
        }
    }

    public void Dispose() => Http.Dispose();

    private static string Host(OllamaShown? shown) =>
        shown?.RemoteHost is { Length: > 0 } host ? host : "a cloud";
}
