using Koubou.Contracts;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.Intake;

/// <summary>What could be read of a submit, and what could not.</summary>
/// <param name="isBatch">Whether faults name their task: <c>tasks[3].priority</c>.</param>
internal sealed class Draft(bool isBatch)
{
    public bool IsBatch { get; } = isBatch;

    public List<TaskSpec> Specs { get; } = [];

    public FaultList Faults { get; } = new();

    /// <summary>Where a field of a task stands in the request.</summary>
    public string PathOf(int index, string field) => IsBatch ? $"tasks[{index}].{field}" : field;
}
