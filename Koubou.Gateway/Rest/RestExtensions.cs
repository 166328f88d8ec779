using Koubou.Gateway.Artifacts;

namespace Koubou.Gateway.Rest;

internal static class RestExtensions
{
    public static void AddRest(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SubmitRequests>();
        builder.Services.AddSingleton<TaskLookup>();
        builder.Services.AddSingleton<ArtifactReader>();
        builder.Services.AddSingleton<Native.Operations.GatewaySettings>();
        builder.Services.AddSingleton<Native.Operations.WorkshopOperations>();
        builder.Services.AddSingleton<Native.Operations.TaskLines>();
        builder.Services.AddSingleton<Native.OutputStream>();
        builder.Services.AddSingleton<Native.ChangeStream>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, RestJson.Default);
        });
    }
}
