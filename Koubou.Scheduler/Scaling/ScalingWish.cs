using System.Globalization;
using Koubou.Contracts.Scaling;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Scaling;

/// <summary>What the operator of a cluster wants scaled, as the metadata of a ScaledObject says it.</summary>
/// <param name="Types">Task types that count; empty: all.</param>
/// <param name="TasksPerNode">Queued and running tasks that one worker node should have.</param>
/// <param name="JoinKey">What lets it ask, where the scheduler wants to see a key. Empty: none.</param>
internal sealed record ScalingWish(IReadOnlyList<string> Types, double TasksPerNode, string JoinKey)
{
    // KEDA fills in the variable of the scaled container and keeps the name as it is.
    private static readonly string[] JoinKeyKeys = ["joinKeyFromEnv", "joinKey"];

    private const string TypesKey = "types";
    private const string TasksPerNodeKey = "tasksPerNode";
    private const double TasksPerNodeDefault = 8;

    /// <exception cref="FaultySubmitException">A value is not what it should be.</exception>
    public static ScalingWish Read(ScaledObjectRef? wanted)
    {
        var metadata = wanted?.ScalerMetadata ?? [];
        var types = metadata.TryGetValue(TypesKey, out var names)
            ? names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [];
        var joinKey = JoinKeyKeys.Select(key => metadata.TryGetValue(key, out var said) ? said : "").FirstOrDefault(said => said.Length > 0)
            ?? "";
        if (!metadata.TryGetValue(TasksPerNodeKey, out var text))
        {
            return new ScalingWish(types, TasksPerNodeDefault, joinKey);
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var tasks)
            && tasks is > 0 and <= 1_000_000
            ? new ScalingWish(types, tasks, joinKey)
            : throw new FaultySubmitException(
                [new Fault($"scalerMetadata.{TasksPerNodeKey}", $"must be a number above 0, at most 1000000; was '{text}'")]);
    }

    public bool Includes(string type) => Types.Count == 0 || Types.Contains(type);
}
