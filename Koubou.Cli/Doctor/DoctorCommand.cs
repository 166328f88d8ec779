using System.CommandLine;
using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;
using Koubou.ServiceDefaults.Home;
using Microsoft.Extensions.Configuration;

namespace Koubou.Cli.Doctor;

/// <summary><c>koubou doctor</c>: what is wrong, also when nothing runs, and the command that mends it.</summary>
internal static class DoctorCommand
{
    // In the order in which things depend on each other: the reason stands above what follows from it.
    private static readonly ICheck[] Checks =
    [
        new HomeCheck(),
        new GatewayCheck(),
        new WorkshopCheck(),
        new LogCheck(),
        new RedisCheck(),
        new OllamaCheck(),
        new MemoryCheck(),
        new CodexCheck(),
    ];

    public static Command Create()
    {
        var home = new Option<string?>("--home")
        {
            Description = $"The workshop's home. Default: {KoubouHome.Variable}, else .koubou in the folder of the solution, "
                + "else the user's data folder.",
        };
        return new Command(
            "doctor",
            "Look for what is wrong, also when nothing runs, and name the command that mends it.") { home }
            .Speaks(async (session, cancellationToken) =>
            {
                using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patient.LookMax };
                var findings = await LookAsync(session, Open(session.Gateway, session.Value(home), http), cancellationToken);
                var diagnosis = new Diagnosis(findings.TrueForAll(finding => finding.Severity != Finding.Fault), findings);
                if (session.AsJson)
                {
                    await session.Surface.WriteJsonAsync(JsonSerializer.SerializeToElement(diagnosis, WorkshopJson.Default.Diagnosis));
                }
                else
                {
                    Sum(session.Surface, diagnosis);
                }

                return diagnosis.Healthy ? ExitCode.Done : ExitCode.Failed;
            });
    }

    private static Patient Open(GatewayClient gateway, string? named, HttpClient http)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var home = named is null ? KoubouHome.Resolve(environment) : new KoubouHome(Path.GetFullPath(named));
        var settings = new ConfigurationBuilder();
        try
        {
            settings.AddJsonFile(home.SettingsFile, optional: true, reloadOnChange: false).AddEnvironmentVariables().Build();
        }
        catch (InvalidDataException)
        {
            // The check of the home says so; the others go by the environment.
            settings.Sources.RemoveAt(0);
        }

        return new Patient(gateway, home, settings.Build(), http);
    }

    private static async Task<List<Finding>> LookAsync(Session session, Patient patient, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var check in Checks)
        {
            await foreach (var finding in check.LookAsync(patient, cancellationToken))
            {
                findings.Add(finding);
                if (!session.AsJson)
                {
                    Tell(session.Surface, finding);
                }
            }
        }

        return findings;
    }

    private static void Tell(Surface surface, Finding finding)
    {
        var mark = finding.Severity switch
        {
            Finding.Fine => Cell.Good("ok     "),
            Finding.Doubt => Cell.Warning("warning"),
            _ => Cell.Bad("error  "),
        };
        surface.WriteLine(mark, $"  {finding.Subject}: {finding.Message}");
        if (finding.Remedy is { } remedy)
        {
            surface.WriteLine("         mend it with: ", Cell.Strong(remedy));
        }
    }

    private static void Sum(Surface surface, Diagnosis diagnosis)
    {
        var (errors, warnings) = (Count(Finding.Fault), Count(Finding.Doubt));
        surface.WriteLine();
        surface.WriteLine(diagnosis.Healthy
            ? Cell.Good(warnings == 0 ? "Nothing is wrong." : $"Nothing is broken; warnings: {warnings}.")
            : Cell.Bad($"Errors: {errors}, warnings: {warnings}. Mend the topmost first: the others may follow from it."));

        int Count(string severity) => diagnosis.Findings.Count(finding => finding.Severity == severity);
    }
}
