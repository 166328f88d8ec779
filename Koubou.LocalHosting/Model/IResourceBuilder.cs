namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says more about one resource.</summary>
public interface IResourceBuilder<out T>
    where T : IResource
{
    /// <summary>The resource.</summary>
    T Resource { get; }

    /// <summary>The workshop it belongs to.</summary>
    IDistributedApplicationBuilder ApplicationBuilder { get; }
}

internal sealed record ResourceBuilder<T>(T Resource, IDistributedApplicationBuilder ApplicationBuilder)
    : IResourceBuilder<T>
    where T : IResource;
