using System.Net.Http.Json;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Telemetry;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends.ModelApis;

/// <summary>A model server behind one of the common protocols, wherever it stands.</summary>
internal sealed class ModelApiBackend : ProbedBackend
{
    // A cloud lists hundreds; the offer names what fits into a page.
    private const int ModelsMax = 200;

    private readonly IModelApi _api;
    private readonly HttpClient _http;
    private readonly OpenTelemetryChatClient _chat;

    public ModelApiBackend(
        string name, IModelApi api, ModelApiOptions options, BackendHttp clients, TimeProvider clock,
        ILogger<ModelApiBackend> logger)
        : this(name, api, options, BackendAddress.Parse(options.Endpoint), clients, clock, logger)
    {
    }

    private ModelApiBackend(
        string name, IModelApi api, ModelApiOptions options, Uri address, BackendHttp clients, TimeProvider clock,
        ILogger<ModelApiBackend> logger)
        : base(name, api.Kind, address, clients.ZoneOf(options, address), options,
            new BackendFaults(new BackendWords(name, api.Product, address), clock), logger)
    {
        _api = api;
        _http = clients.NewClient(name, address, Zone, options, Faults, inner => new ApiKeyHandler(api, options.ApiKey, inner));
        _chat = new OpenTelemetryChatClient(
            new CheckedChatClient(api.NewChatClient(_http, address, options), Faults, options.SilenceTimeout, clock),
            sourceName: WorkerTelemetry.Name);
    }

    // A server that keeps its list to itself may still have the model.
    public override bool Serves(string model) => State.Models.Count == 0 || base.Serves(model);

    // It is the server's business to have its models in memory.
    public override bool Holds(string model, string runner) => Serves(model);

    public override Task<ReadyModel> OpenAsync(
        string model, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        // A server of one model, such as llama.cpp's, need not be told its name.
        var wanted = ModelOr(model) is { Length: > 0 } named ? named
            : State.Models is [var only, ..] ? only : "default";
        return Task.FromResult(new ReadyModel(_chat, Name, wanted, Zone, Simulated: false));
    }

    public override void Note(ChatResponseUpdate update, AttemptFacts facts)
    {
        if (update.Contents.OfType<UsageContent>().FirstOrDefault() is { Details: { } usage })
        {
            facts.Usage = new TokenUsage
            {
                PromptTokens = usage.InputTokenCount ?? 0,
                CompletionTokens = usage.OutputTokenCount ?? 0,
            };
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _chat.Dispose();
            _http.Dispose();
        }
    }

    protected override async Task<BackendState> SeeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var list = await _http.GetFromJsonAsync(_api.ModelsPath, ModelApiJson.Default.ModelList, cancellationToken);
            var models = (list?.Data ?? []).Select(model => model.Id).OfType<string>()
                .Order(StringComparer.Ordinal).Take(ModelsMax).ToList();
            return new BackendState(Reachable: true, "", models, [], Trouble: "");
        }
        catch (TaskFailureException failure) when (failure.Code is BackendFaults.Busy or BackendFaults.RequestRefused
            or BackendFaults.ModelUnknown)
        {
            // It is there; it only does not tell what it has.
            return new BackendState(Reachable: true, "", [], [], Trouble: "");
        }
        catch (JsonException)
        {
            return new BackendState(Reachable: true, "", [], [], Trouble: "");
        }
    }
}
