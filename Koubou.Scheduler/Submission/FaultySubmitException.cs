namespace Koubou.Scheduler.Submission;

/// <summary>A request that is not acceptable: all its faults at once.</summary>
internal sealed class FaultySubmitException(IReadOnlyList<Fault> faults) : Exception(faults[0].Message)
{
    public IReadOnlyList<Fault> Faults => faults;
}
