using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Koubou.Worker.Craftsmen;

/// <summary>Adds what a worker node can do.</summary>
public sealed class WorkerNodeBuilder
{
    internal WorkerNodeBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    /// <summary>Gives tasks of these types to that craftsman, instead of to a model. The last one named wins.</summary>
    public WorkerNodeBuilder AddCraftsman<TCraftsman>(params IReadOnlyList<string> taskTypes)
        where TCraftsman : Craftsman
    {
        if (taskTypes.Count == 0)
        {
            throw new ArgumentException("Name at least one task type.", nameof(taskTypes));
        }

        Services.TryAddSingleton<TCraftsman>();
        foreach (var taskType in taskTypes)
        {
            Services.AddSingleton(new CraftsmanRegistration(taskType, typeof(TCraftsman)));
        }

        return this;
    }
}
