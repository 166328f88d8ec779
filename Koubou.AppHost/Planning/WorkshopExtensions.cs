using Microsoft.Extensions.Configuration;

namespace Koubou.AppHost.Planning;

/// <summary>What every service of the workshop is told alike.</summary>
internal static class WorkshopExtensions
{
    /// <summary>Passes <c>KOUBOU_HOME</c>, where logs and data go, and <c>LOG_LEVEL</c> if it is set.</summary>
    public static IResourceBuilder<ProjectResource> InWorkshop(
        this IResourceBuilder<ProjectResource> service, WorkshopPlan plan)
    {
        if (plan.Home is not null)
        {
            service.WithEnvironment("KOUBOU_HOME", plan.Home);
        }

        if (service.ApplicationBuilder.Configuration["LOG_LEVEL"] is { Length: > 0 } level)
        {
            service.WithEnvironment("LOG_LEVEL", level);
        }

        return service;
    }
}
