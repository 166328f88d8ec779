using System.ComponentModel;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Mcp.Replies;

/// <summary>The workshop at a glance.</summary>
internal sealed record WorkshopReply(
    [property: Description("How many tasks are in each state.")] IReadOnlyDictionary<string, long> Tasks,
    [property: Description("Craftsmen in the pools of all worker nodes.")] int Craftsmen,
    int Busy,
    IReadOnlyList<NodeView> Nodes,
    IReadOnlyList<TypeBrief> Types,
    [property: Description("Present when every answer comes from the demo backend.")] string? Notice,
    [property: Description("What a person should mend, each with its command.")] IReadOnlyList<string> Warnings) : Reply
{
    private const int NodesMax = 50;
    private const int TypesMax = 100;

    public static WorkshopReply Of(WorkshopStatus status, ListWorkersReply workers, ListTaskTypesReply types) => new(
        TaskStates.All.ToDictionary(state => state.ToWord(), state => status.TasksByState.GetValueOrDefault(state.ToWord())),
        status.Slots,
        status.SlotsBusy,
        [.. workers.Nodes.Take(NodesMax).Select(NodeView.Of)],
        [.. types.Types_.Take(TypesMax).Select(type => new TypeBrief(type.Name, type.Description.OrNull()))],
        status.Simulated ? Simulation.WorkshopNotice : null,
        status.Warnings);
}

/// <summary>One worker node.</summary>
internal sealed record NodeView(
    string Id, int Craftsmen, int CraftsmenMax, int Busy, bool Draining, IReadOnlyList<BackendBrief> Backends)
{
    public static NodeView Of(WorkerNode node) => new(
        node.Id,
        node.Slots,
        node.SlotsMax,
        node.Running.Count,
        node.Draining,
        [.. node.Backends.Select(BackendBrief.Of)]);
}

/// <summary>One way to an answer.</summary>
internal sealed record BackendBrief(
    string Name, string Zone, bool Healthy, string Models, string? Loaded, string? Detail)
{
    private const int ModelsMax = 30;

    public static BackendBrief Of(Backend backend) => new(
        backend.Name,
        backend.Zone.ToWord(),
        backend.Healthy,
        string.Join(", ", backend.Models.Take(ModelsMax)),
        string.Join(", ", backend.LoadedModels.Take(ModelsMax)).OrNull(),
        backend.Detail.OrNull());
}

/// <summary>A task type to delegate to.</summary>
internal sealed record TypeBrief(string Name, string? Description);
