namespace Aspire.Hosting.ApplicationModel;

/// <summary>A port that a service listens on.</summary>
public sealed class EndpointAnnotation(string name) : IResourceAnnotation
{
    /// <summary>Its name, unique in the service.</summary>
    public string Name { get; } = name;

    /// <summary>The scheme of its address. Default: <c>http</c>.</summary>
    public string UriScheme { get; set; } = "http";

    /// <summary>The host it listens on. Default: <c>localhost</c>.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>The fixed port; null takes a free one.</summary>
    public int? Port { get; set; }

    /// <summary>Kept for the publishers of Aspire; child processes listen on <see cref="Port"/> themselves.</summary>
    public int? TargetPort { get; set; }

    /// <summary><c>http</c>, or <c>http2</c> without TLS. The service itself decides what it speaks.</summary>
    public string Transport { get; set; } = "http";

    /// <summary>Reachable from outside when published. A child process listens on loopback only.</summary>
    public bool IsExternal { get; set; }

    /// <summary>The variable that tells the service this port; without one it stands in <c>ASPNETCORE_URLS</c>.</summary>
    internal string? Variable { get; set; }

    /// <summary>One port for each replica, once chosen.</summary>
    internal IReadOnlyList<int> AllocatedPorts { get; set; } = [];
}

/// <summary>Points to an endpoint whose address is known once ports are chosen.</summary>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName)
{
    /// <summary>Who listens.</summary>
    public IResourceWithEndpoints Resource { get; } = owner;

    /// <summary>Which of its endpoints.</summary>
    public string EndpointName { get; } = endpointName;

    /// <summary>Whether the resource has this endpoint.</summary>
    public bool Exists => Find() is not null;

    /// <summary>The port that was chosen.</summary>
    public int Port => Annotation.AllocatedPorts is [var port, ..]
        ? port
        : throw new InvalidOperationException($"The port of {Resource.Name}/{EndpointName} is not chosen yet.");

    /// <summary>The scheme of the address.</summary>
    public string Scheme => Annotation.UriScheme;

    /// <summary>The host of the address.</summary>
    public string Host => Annotation.TargetHost;

    /// <summary>The address.</summary>
    public string Url => $"{Scheme}://{Host}:{Port}";

    internal EndpointAnnotation Annotation => Find() ?? throw new DistributedApplicationException(
        $"The endpoint '{EndpointName}' does not exist on the resource '{Resource.Name}'.");

    private EndpointAnnotation? Find() =>
        Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(e => e.Name == EndpointName);
}
