namespace Koubou.Scheduler.Submission;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Field">Where: <c>tasks[3].priority</c>.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
/// <param name="Reason">A stable word for programs: <see cref="Invalid"/>, <see cref="TooLarge"/> or <see cref="PolicyRefused"/>.</param>
public sealed record Fault(string Field, string Message, string Reason = Fault.Invalid)
{
    public const string Invalid = "INVALID";
    public const string TooLarge = "TOO_LARGE";
    public const string PolicyRefused = "POLICY_REFUSED";
}
