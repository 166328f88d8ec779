using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>A resource that others find by its name.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

/// <summary>Where a service's project stands. The build generates one class for each referenced project.</summary>
public interface IProjectMetadata
{
    /// <summary>The full path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>The full path of the assembly that was built from it, in the AppHost's own configuration.</summary>
    string AssemblyPath { get; }
}

/// <summary>Collects the resources of a workshop and the arrows between them.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>The AppHost's configuration: appsettings, environment, arguments.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The folder of the AppHost's project.</summary>
    string AppHostDirectory { get; }

    /// <summary>The AppHost's environment.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>Whether the workshop is run here or published elsewhere.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>Every resource, in the order in which they were added.</summary>
    IReadOnlyCollection<IResource> Resources { get; }

    /// <summary>Adds a resource.</summary>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    /// <summary>Makes the program ready to run.</summary>
    DistributedApplication Build();
}

/// <summary>Whether the workshop is run here or published elsewhere.</summary>
public sealed class DistributedApplicationExecutionContext
{
    /// <summary>Always true: publishing needs Aspire itself.</summary>
    public bool IsRunMode => true;

    /// <summary>Always false: publishing needs Aspire itself.</summary>
    public bool IsPublishMode => !IsRunMode;
}

/// <summary>The workshop cannot be built or started as described.</summary>
public sealed class DistributedApplicationException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>Creates the exception with the words a user will read.</summary>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
