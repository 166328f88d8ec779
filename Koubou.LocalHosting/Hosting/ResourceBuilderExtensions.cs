using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Says how resources listen, find each other, wait and are watched.</summary>
public static class ResourceBuilderExtensions
{
    /// <summary>Adds a port for HTTP, or says more about the one of this name. Default name: <c>http</c>.</summary>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints =>
        builder.WithEndpoint(name ?? "http", endpoint =>
        {
            endpoint.Port = port ?? endpoint.Port;
            endpoint.TargetPort = targetPort ?? endpoint.TargetPort;
            endpoint.Variable = env ?? endpoint.Variable;
        });

    /// <summary>Says more about an endpoint.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder,
        string endpointName,
        Action<EndpointAnnotation> callback,
        bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        var endpoint = builder.Resource.Annotations.OfType<EndpointAnnotation>()
            .FirstOrDefault(e => e.Name == endpointName);
        if (endpoint is null && createIfNotExists)
        {
            endpoint = new EndpointAnnotation(endpointName);
            builder.With(endpoint);
        }

        if (endpoint is not null)
        {
            callback(endpoint);
        }

        return builder;
    }

    /// <summary>Points to one of the resource's endpoints.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints => new(builder.Resource, name);

    /// <summary>The service counts as healthy when this path answers. Default: <c>/</c> with 200 on <c>http</c>.</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints =>
        builder.With(new HealthCheckAnnotation(
            builder.GetEndpoint(endpointName ?? "http"), path ?? "/", statusCode ?? 200));

    /// <summary>Gives a service one variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment =>
        builder.With(new EnvironmentAnnotation(variables => variables[name] = value ?? string.Empty));

    /// <summary>Gives a service one variable from a parameter.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment =>
        builder.With(new EnvironmentAnnotation(variables => variables[name] = parameter.Resource.GetValue()));

    /// <summary>Gives a service arguments.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args)
        where T : IResourceWithArgs => builder.With(new ArgumentsAnnotation(args));

    /// <summary>
    /// Tells a service where another one listens: <c>services__{name}__{endpoint}__{replica}</c> for service discovery,
    /// and <c>{NAME}_{ENDPOINT}</c>.
    /// </summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment =>
        builder.With(new EnvironmentAnnotation(variables => AddAddresses(variables, source.Resource)));

    /// <summary>Gives a service the connection string of a server: <c>ConnectionStrings__{name}</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment =>
        builder.With(new EnvironmentAnnotation(variables =>
            variables[$"ConnectionStrings__{connectionName ?? source.Resource.Name}"] =
                source.Resource.GetConnectionString()));

    /// <summary>Starts the service only when the other is healthy, and stops it before the other.</summary>
    public static IResourceBuilder<T> WaitFor<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.With(new WaitAnnotation(dependency.Resource));

    /// <summary>Shows an address below an endpoint when the workshop is open.</summary>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
        where T : IResource
    {
        if (builder.Resource is IResourceWithEndpoints owner)
        {
            builder.With(new UrlForEndpointAnnotation(new EndpointReference(owner, endpointName), callback));
        }

        return builder;
    }

    internal static IResourceBuilder<T> With<T>(this IResourceBuilder<T> builder, IResourceAnnotation annotation)
        where T : IResource
    {
        builder.Resource.Annotations.Add(annotation);
        return builder;
    }

    private static void AddAddresses(IDictionary<string, string> variables, IResourceWithEndpoints source)
    {
        foreach (var endpoint in source.Annotations.OfType<EndpointAnnotation>())
        {
            var addresses = endpoint.AllocatedPorts
                .Select(port => $"{endpoint.UriScheme}://{endpoint.TargetHost}:{port}").ToList();
            for (var replica = 0; replica < addresses.Count; replica++)
            {
                variables[$"services__{source.Name}__{endpoint.Name}__{replica}"] = addresses[replica];
            }

            variables[$"{Encode(source.Name)}_{Encode(endpoint.Name)}".ToUpperInvariant()] = addresses[0];
        }
    }

    private static string Encode(string name) => string.Concat(
        name.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_'));
}
