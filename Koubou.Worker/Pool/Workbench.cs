using Koubou.Contracts;
using Koubou.Worker.Artifacts;
using Koubou.Worker.Backends;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Nodes;
using Koubou.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Pool;

/// <summary>What every attempt works with, and who works on it.</summary>
internal sealed class Workbench(
    IOptions<WorkerOptions> options, CraftsmanRegistry craftsmen, TaskTypes types, BackendSet backends,
    WorkerTelemetry telemetry, ArtifactUploads artifacts, TimeProvider clock)
{
    public WorkerOptions Options { get; } = options.Value;

    public WorkerTelemetry Telemetry => telemetry;

    public ArtifactUploads Artifacts => artifacts;

    public TimeProvider Clock => clock;

    /// <summary>The registered type of that name, or null.</summary>
    public TaskType? FindType(string name) => types.Find(name);

    public Craftsman CraftsmanFor(string type) => craftsmen.For(type);

    /// <summary>Whether a backend of that name is an agent.</summary>
    public bool NamesAgent(string backend) => backends.NamesAgent(backend);
}
