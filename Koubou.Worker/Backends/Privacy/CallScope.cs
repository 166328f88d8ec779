using Koubou.Contracts;

namespace Koubou.Worker.Backends.Privacy;

/// <summary>For whom the current flow of calls is made: the handlers under a model's client ask it.</summary>
/// <param name="TaskId">The task. Empty: the node itself asks, and nothing of a task is sent.</param>
/// <param name="Policy">How far the content may travel.</param>
/// <param name="Caller">Fires when nobody wants the answer any more.</param>
internal sealed record CallScope(string TaskId, DataPolicy Policy, CancellationToken Caller)
{
    private static readonly AsyncLocal<CallScope?> Flow = new();

    /// <summary>Null: nobody said, so the strictest policy holds.</summary>
    public static CallScope? Current => Flow.Value;

    /// <summary>Calls made from here on, in this flow, are for that task.</summary>
    public static void ForTask(string taskId, DataPolicy policy, CancellationToken caller) =>
        Flow.Value = new CallScope(taskId, policy, caller);

    /// <summary>Calls made from here on, in this flow, carry nothing of any task: probes and pulls.</summary>
    public static void ForNode(CancellationToken caller) => Flow.Value = new CallScope("", DataPolicy.Any, caller);
}
