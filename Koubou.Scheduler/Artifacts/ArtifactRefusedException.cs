using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Artifacts;

/// <summary>A file that is not taken as it is.</summary>
internal sealed class ArtifactRefusedException(params IReadOnlyList<Fault> faults) : Exception(faults[0].Message)
{
    public IReadOnlyList<Fault> Faults => faults;
}

/// <summary>As much is kept as may be kept.</summary>
internal sealed class ArtifactsFullException(string message) : Exception(message);
