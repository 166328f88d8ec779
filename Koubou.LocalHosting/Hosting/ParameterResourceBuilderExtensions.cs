using Aspire.Hosting.ApplicationModel;
using Koubou.LocalHosting.Servers;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds values that come from the configuration.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>A value from <c>Parameters:{name}</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, () => builder.Configuration[$"Parameters:{name}"]));

    /// <summary>A server that already runs, known by <c>ConnectionStrings:{name}</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
        builder.AddResource(new ExistingServer(name, () => builder.Configuration.GetConnectionString(name)));
}
