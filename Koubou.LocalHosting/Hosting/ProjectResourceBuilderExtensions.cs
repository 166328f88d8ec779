using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds services of this solution.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a service. Launch profiles are never read, so only null is allowed for one.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        if (launchProfileName is not null)
        {
            throw new DistributedApplicationException($"{name}: launch profiles need Aspire; pass null here.");
        }

        return builder.AddResource(new ProjectResource(name)).With(new ProjectAnnotation(new TProject()));
    }

    /// <summary>Runs the service as so many processes. Default: 1.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(
        this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.With(new ReplicaAnnotation(replicas));
    }
}
