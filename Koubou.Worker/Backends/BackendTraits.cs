namespace Koubou.Worker.Backends;

/// <summary>How a backend may be used.</summary>
/// <param name="OnlyWhenNamed">Only tasks that name it are sent to it.</param>
/// <param name="ParallelMin">Requests that it surely answers side by side.</param>
/// <param name="ParallelMax">Requests that it is ever given side by side. The same as the least: nothing is measured.</param>
/// <param name="CircuitFailures">Failures in a row after which it is left alone for a while.</param>
/// <param name="CircuitBreak">How long it is left alone.</param>
internal sealed record BackendTraits(
    bool OnlyWhenNamed, int ParallelMin, int ParallelMax, int CircuitFailures, TimeSpan CircuitBreak)
{
    private const int NodesOwnLimit = 64;

    /// <summary>Only the node's own slots bound it.</summary>
    public static BackendTraits Unmeasured { get; } =
        new(OnlyWhenNamed: false, NodesOwnLimit, NodesOwnLimit, CircuitFailures: 3, TimeSpan.FromSeconds(15));

    public static BackendTraits Of(BackendOptions options) => new(
        options.OnlyWhenNamed, options.ParallelMin, options.ParallelMax, options.CircuitFailures, options.CircuitBreak);
}
