using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>
/// A program that works on a task by itself, with tools of its own, instead of a model that is asked. It answers only
/// tasks that name it, or whose type does.
/// </summary>
internal interface IAgent
{
    /// <summary>The name by which tasks want it.</summary>
    string Name { get; }

    /// <summary>How far the task's content may travel with it.</summary>
    Zone Zone { get; }

    /// <summary>Why it is farther away than its settings wish. Null: it is not.</summary>
    string? ZoneReason => null;

    /// <summary>Somebody asked for it in the settings, so that nothing may answer in its place.</summary>
    bool IsConfigured { get; }

    /// <summary>Its state of now, for the node's offer. Null: it is not there, and nobody asked for it.</summary>
    Backend? Describe();

    /// <summary>What it offers is another thing now.</summary>
    event Action? Changed;

    /// <summary>One look: is it there, and can it work.</summary>
    Task ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Does the task. Its policy was checked against <see cref="Zone"/> before.</summary>
    Task<TaskResult> WorkAsync(AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken);
}
