using System.Runtime.CompilerServices;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Doctor;

/// <summary>What the workshop says of itself: queue, disk, worker nodes, backends.</summary>
internal sealed class WorkshopCheck : ICheck
{
    private const string Subject = "workshop";

    public async IAsyncEnumerable<Finding> LookAsync(
        Patient patient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!patient.GatewayAnswers)
        {
            yield break;
        }

        HealthJson? health = null;
        string? fault = null;
        try
        {
            health = await patient.Gateway.GetAsync("health", WorkshopJson.Default.HealthJson, cancellationToken);
            patient.Workers = (await patient.Gateway.GetAsync("workers", WorkshopJson.Default.WorkersJson, cancellationToken)).Workers;
        }
        catch (WorkshopException error)
        {
            fault = error.Message.ReplaceLineEndings(" ");
        }

        if (health is null)
        {
            yield return Finding.Error(Subject, fault ?? "does not tell how it is");
            yield break;
        }

        foreach (var found in health.Findings)
        {
            var remedy = found.Remedy.Length > 0 ? found.Remedy : null;
            yield return found.Severity == Finding.Fault
                ? Finding.Error(Subject, found.Message, remedy)
                : Finding.Warning(Subject, found.Message, remedy);
        }

        if (health.Healthy)
        {
            yield return Finding.Ok(Subject, "queue, worker nodes and backends are well");
        }
    }
}
