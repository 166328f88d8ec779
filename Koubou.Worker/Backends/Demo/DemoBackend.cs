using Koubou.Contracts;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.Demo;

/// <summary>Answers without any model, so that the whole workshop can be tried; marked as simulated everywhere.</summary>
internal sealed class DemoBackend(IOptions<DemoOptions> options, TimeProvider clock) : IBackend, IDisposable
{
    public const string ModelName = "demo";

    private readonly OpenTelemetryChatClient _client =
        new(new DemoChatClient(options.Value.PieceDelay, clock), sourceName: WorkerTelemetry.Name);

    public string Name => "demo";

    public string Kind => "demo";

    public bool IsConfigured => false;

    public Zone Zone => Zone.Local;

    public bool Enabled => options.Value.Enabled;

    public Backend Describe() => new()
    {
        Name = Name,
        Kind = Kind,
        Zone = Zone,
        Healthy = true,
        Simulated = true,
        Detail = "No model answers here, only examples. For real answers: ollama serve, then ollama pull gemma2:2b",
        Models = { ModelName },
        LoadedModels = { ModelName },
    };

    public Task<ReadyModel> OpenAsync(string model, ICraftsmanContext context, CancellationToken cancellationToken) =>
        Task.FromResult(new ReadyModel(_client, Name, ModelName, Zone, Simulated: true));

    public void Note(ChatResponseUpdate update, AttemptFacts facts)
    {
    }

    public void Dispose() => _client.Dispose();
}
