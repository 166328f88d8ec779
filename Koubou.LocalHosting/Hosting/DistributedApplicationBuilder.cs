using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    // An AppHost on a developer's machine is one in development, unless it is told otherwise.
    private static readonly string[] _environmentVariables = ["DOTNET_ENVIRONMENT", "ASPNETCORE_ENVIRONMENT"];

    private readonly List<IResource> _resources = [];

    public DistributedApplicationBuilder(string[] args)
    {
        AppHostDirectory = FindAppHostDirectory();
        var defaults = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = args,
            ContentRootPath = AppHostDirectory,
            EnvironmentName = _environmentVariables.Any(IsSet) ? null : Environments.Development,
        });
        Configuration = defaults.Configuration;
        Environment = defaults.Environment;
    }

    public ConfigurationManager Configuration { get; }

    public string AppHostDirectory { get; }

    public IHostEnvironment Environment { get; }

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public IReadOnlyCollection<IResource> Resources => _resources;

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (_resources.Exists(known => string.Equals(known.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"Two resources are called '{resource.Name}'.");
        }

        _resources.Add(resource);
        return new ResourceBuilder<T>(resource, this);
    }

    public DistributedApplication Build() => new(this);

    private static bool IsSet(string variable) =>
        !string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable(variable));

    /// <summary>The build leaves the AppHost's folder in its assembly, under the same name as Aspire's SDK does.</summary>
    private static string FindAppHostDirectory() =>
        Assembly.GetEntryAssembly()?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key == "apphostprojectpath")?.Value
        ?? System.Environment.CurrentDirectory;
}
