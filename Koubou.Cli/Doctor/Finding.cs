namespace Koubou.Cli.Doctor;

/// <summary>What one look showed.</summary>
/// <param name="Subject">What was looked at, such as <c>ollama</c>.</param>
/// <param name="Severity"><c>ok</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Message">What is so, or what is wrong, in one sentence.</param>
/// <param name="Remedy">The command that mends it.</param>
internal sealed record Finding(string Subject, string Severity, string Message, string? Remedy = null)
{
    public const string Fine = "ok";
    public const string Doubt = "warning";
    public const string Fault = "error";

    public static Finding Ok(string subject, string message) => new(subject, Fine, message);

    public static Finding Warning(string subject, string message, string? remedy = null) => new(subject, Doubt, message, remedy);

    public static Finding Error(string subject, string message, string? remedy = null) => new(subject, Fault, message, remedy);
}

/// <summary>Everything that was found.</summary>
/// <param name="Healthy">Nothing is an error.</param>
/// <param name="Findings">In the order in which things depend on each other.</param>
internal sealed record Diagnosis(bool Healthy, IReadOnlyList<Finding> Findings);
