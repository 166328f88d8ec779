namespace Aspire.Hosting.ApplicationModel;

/// <summary>A part of the workshop: a service, or a server that services use.</summary>
public interface IResource
{
    /// <summary>Its name, unique in the workshop.</summary>
    string Name { get; }

    /// <summary>What the program said about it.</summary>
    ICollection<IResourceAnnotation> Annotations { get; }
}

/// <summary>Something the program said about a resource.</summary>
public interface IResourceAnnotation;

/// <summary>A resource that takes environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource that takes arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>A resource that listens.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource that can wait for others.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>A resource that others reach by a connection string.</summary>
public interface IResourceWithConnectionString : IResource
{
    /// <summary>The connection string; throws with plain words when it is not known.</summary>
    string GetConnectionString();
}

/// <summary>Names a resource and keeps what was said about it.</summary>
public abstract class Resource(string name) : IResource
{
    /// <inheritdoc />
    public string Name { get; } = name;

    /// <inheritdoc />
    public ICollection<IResourceAnnotation> Annotations { get; } = [];
}

/// <summary>A service of this solution, run as a child process.</summary>
public sealed class ProjectResource(string name) : Resource(name),
    IResourceWithEnvironment, IResourceWithArgs, IResourceWithWaitSupport, IResourceWithServiceDiscovery;

/// <summary>A value from the configuration: <c>Parameters:{name}</c>.</summary>
public sealed class ParameterResource(string name, Func<string?> read) : Resource(name)
{
    internal string GetValue() => read() ?? throw new DistributedApplicationException(
        $"Parameter '{Name}' has no value: set Parameters:{Name} (environment variable Parameters__{Name}).");
}
