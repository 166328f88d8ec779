namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address worth showing, such as a page to open.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>An absolute address, or a path below the endpoint's.</summary>
    public required string Url { get; set; }

    /// <summary>What opens there.</summary>
    public string? DisplayText { get; set; }
}

/// <summary>How many processes run the service.</summary>
public sealed record ReplicaAnnotation(int Replicas) : IResourceAnnotation;

internal sealed record EnvironmentAnnotation(Action<IDictionary<string, string>> Apply) : IResourceAnnotation;

internal sealed record ArgumentsAnnotation(IReadOnlyList<string> Arguments) : IResourceAnnotation;

internal sealed record WaitAnnotation(IResource Resource) : IResourceAnnotation;

internal sealed record HealthCheckAnnotation(EndpointReference Endpoint, string Path, int StatusCode) : IResourceAnnotation;

internal sealed record UrlForEndpointAnnotation(
    EndpointReference Endpoint, Func<EndpointReference, ResourceUrlAnnotation> Create) : IResourceAnnotation;

// Says what the server should answer, once it listens.
internal sealed record TcpHealthCheckAnnotation(EndpointReference Endpoint, string Request, string Answer) : IResourceAnnotation;

// A program of the machine. Its arguments and variables are asked for when the ports are chosen.
internal sealed record ProgramAnnotation(string File, Func<IReadOnlyList<string>> Arguments) : IResourceAnnotation
{
    public Func<IReadOnlyDictionary<string, string>> Environment { get; init; } = () => new Dictionary<string, string>();
}

internal sealed record ProjectAnnotation(IProjectMetadata Metadata) : IResourceAnnotation;
