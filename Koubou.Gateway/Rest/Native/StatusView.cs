using System.Text.Json.Serialization;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native;

/// <summary>The workshop as a whole.</summary>
public sealed record StatusView
{
    /// <summary>How many tasks are in each state.</summary>
    public required IReadOnlyDictionary<string, long> Tasks { get; init; }

    /// <summary>Worker nodes connected now.</summary>
    public required int Nodes { get; init; }

    /// <summary>Craftsmen now in the pools, busy or not.</summary>
    public required int Slots { get; init; }

    public required int SlotsBusy { get; init; }

    /// <summary>The queue engine.</summary>
    public required string Engine { get; init; }

    public required string Version { get; init; }

    public required DateTime? StartedAt { get; init; }

    /// <summary>Sequence number of the newest event.</summary>
    public required long LastSequence { get; init; }

    /// <summary>Every node answers from the demo backend.</summary>
    public required bool Simulated { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Notice { get; init; }

    /// <summary>What a person should mend, each with its command.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    internal static StatusView Of(WorkshopStatus status) => new()
    {
        Tasks = TaskStates.All.ToDictionary(
            state => state.ToWord(), state => status.TasksByState.GetValueOrDefault(state.ToWord())),
        Nodes = status.Nodes,
        Slots = status.Slots,
        SlotsBusy = status.SlotsBusy,
        Engine = status.Engine,
        Version = status.Version,
        StartedAt = status.StartedAt.ToUtc(),
        LastSequence = status.LastSequence,
        Simulated = status.Simulated,
        Notice = status.Simulated ? Simulation.WorkshopNotice : null,
        Warnings = status.Warnings,
    };
}
