using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using Koubou.LocalHosting.Processes;
using Microsoft.Extensions.Hosting;

namespace Koubou.LocalHosting.Launching;

/// <summary>One process to run: a service, or one replica of it.</summary>
internal sealed record ServicePlan(IResource Resource, int Replica, string Name, string Mark)
{
    /// <summary>Tells a service that the end of its standard input means the end of the AppHost.</summary>
    public const string LifelineVariable = "KOUBOU_LIFELINE";

    // What is the AppHost's own, or would make a service listen where another does.
    private static readonly string[] _notInherited =
    [
        "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "HTTP_PORTS", "HTTPS_PORTS", "URLS",
        "DOTNET_URLS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_CONTENTROOT", "DOTNET_CONTENTROOT",
    ];

    public IEnumerable<HealthCheckAnnotation> HealthChecks => Resource.Annotations.OfType<HealthCheckAnnotation>();

    public IEnumerable<TcpHealthCheckAnnotation> TcpHealthChecks => Resource.Annotations.OfType<TcpHealthCheckAnnotation>();

    public IEnumerable<IResource> WaitsFor => Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource);

    private IEnumerable<EndpointAnnotation> Endpoints => Resource.Annotations.OfType<EndpointAnnotation>();

    /// <summary>The variables that the program asks for, the same as Aspire would set.</summary>
    public Dictionary<string, string> DescribeEnvironment(IHostEnvironment host)
    {
        var variables = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["DOTNET_ENVIRONMENT"] = host.EnvironmentName,
            ["ASPNETCORE_ENVIRONMENT"] = host.EnvironmentName,
            ["OTEL_SERVICE_NAME"] = Resource.Name,
            ["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Name}",
            [LifelineVariable] = "stdin",
            [MarkedProcesses.Variable] = Mark,
        };
        var urls = string.Join(';', Endpoints.Where(endpoint => endpoint.Variable is null)
            .Select(endpoint => $"{endpoint.UriScheme}://{endpoint.TargetHost}:{endpoint.AllocatedPorts[Replica]}"));
        if (urls.Length > 0)
        {
            variables["ASPNETCORE_URLS"] = urls;
        }

        foreach (var endpoint in Endpoints.Where(endpoint => endpoint.Variable is not null))
        {
            variables[endpoint.Variable!] = $"{endpoint.AllocatedPorts[Replica]}";
        }

        foreach (var annotation in Resource.Annotations.OfType<EnvironmentAnnotation>())
        {
            annotation.Apply(variables);
        }

        return variables;
    }

    // The mark, and what the server itself asks for: it would not know our settings.
    private ProcessStartInfo DescribeStart(ProgramAnnotation program)
    {
        var info = new ProcessStartInfo(program.File);
        foreach (var argument in program.Arguments())
        {
            info.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in program.Environment())
        {
            info.Environment[name] = value;
        }

        info.Environment[MarkedProcesses.Variable] = Mark;
        return info;
    }

    /// <summary>How its process is started.</summary>
    public ProcessStartInfo DescribeStart(IHostEnvironment host, bool colour)
    {
        if (Resource.Annotations.OfType<ProgramAnnotation>().SingleOrDefault() is { } program)
        {
            return DescribeStart(program);
        }

        var project = Resource.Annotations.OfType<ProjectAnnotation>().Single().Metadata;
        var info = new ProcessStartInfo(DotnetHost.Path)
        {
            WorkingDirectory = Path.GetDirectoryName(project.ProjectPath)!,
            ArgumentList = { "exec", project.AssemblyPath },
        };
        foreach (var argument in Resource.Annotations.OfType<ArgumentsAnnotation>().SelectMany(a => a.Arguments))
        {
            info.ArgumentList.Add(argument);
        }

        foreach (var variable in _notInherited)
        {
            info.Environment.Remove(variable);
        }

        if (colour)
        {
            info.Environment["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true";
        }

        foreach (var (name, value) in DescribeEnvironment(host))
        {
            info.Environment[name] = value;
        }

        return info;
    }
}
