using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>What is wrong with the workshop, and what mends it.</summary>
/// <param name="Healthy">Nothing is wrong.</param>
/// <param name="Findings">What is.</param>
public sealed record HealthView(bool Healthy, IReadOnlyList<FindingView> Findings)
{
    internal static HealthView Of(HealthReport report) =>
        new(report.Findings.Count == 0, [.. report.Findings.Select(FindingView.Of)]);
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Severity"><c>warning</c> or <c>error</c>.</param>
/// <param name="Code">A stable word for programs, such as no_nodes.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What mends it, the command included.</param>
public sealed record FindingView(string Severity, string Code, string Message, string Remedy)
{
    internal static FindingView Of(HealthFinding finding) => new(
        finding.Severity == Contracts.Severity.Error ? "error" : "warning", finding.Code, finding.Message, finding.Remedy);
}
