using Koubou.Web.Security;

namespace Koubou.Web.Calls;

public static class CallFeatures
{
    /// <summary>Adds what the pages ask of the scheduler themselves.</summary>
    public static void AddSchedulerCalls(this IHostApplicationBuilder builder) =>
        builder.Services.AddScoped<SchedulerCalls>().AddScoped<Reader>();
}
