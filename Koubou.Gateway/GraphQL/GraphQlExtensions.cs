using GraphQL;
using GraphQL.Execution;
using GraphQL.Validation.Complexity;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.GraphQL.Ide;
using Koubou.Gateway.GraphQL.Limits;
using Koubou.Gateway.GraphQL.Schema;
using Koubou.Gateway.GraphQL.Streams;
using Koubou.Gateway.GraphQL.Transport;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Patience;
using Koubou.ServiceDefaults.Keys;
using Koubou.ServiceDefaults.Settings;

namespace Koubou.Gateway.GraphQL;

internal static class GraphQlExtensions
{
    private const double IntrospectionShare = 0.2;

    public static void AddGraphQlDoor(this WebApplicationBuilder builder)
    {
        GlobalSwitches.EnableReadDescriptionFromXmlDocumentation = true;
        builder.Services.AddOptions<GraphQlOptions>()
            .BindSettings(GraphQlOptions.Section)
            .Validate(
                options => options is
                {
                    DepthMax: > 0, ComplexityMax: > 0, SelectionsMax: > 0, BatchMax: > 0, OperationsMax: > 0,
                },
                $"{GraphQlOptions.Section}: every limit must be at least 1.")
            .Validate(
                options => options.InitTimeout > TimeSpan.Zero && options.StatusInterval > TimeSpan.Zero,
                $"{GraphQlOptions.Section}: InitTimeout and StatusInterval must be longer than nothing.")
            .ValidateOnStart();

        var limits = builder.Configuration.GetSection(GraphQlOptions.Section).Get<GraphQlOptions>() ?? new GraphQlOptions();
        builder.Services.AddSingleton<TaskArguments>();
        builder.Services.AddSingleton<EventReader>();
        builder.Services.AddSingleton<WorkshopStreams>();
        builder.Services.AddSingleton<DocumentLimits>();
        builder.Services.AddSingleton<GraphQlExecutor>();
        builder.Services.AddSingleton<GraphQlEndpoint>();
        builder.Services.AddSingleton<QueryRoot>();
        builder.Services.AddSingleton<MutationRoot>();
        builder.Services.AddSingleton<SubscriptionRoot>();
        builder.Services.AddGraphQL(graphQl => graphQl
            .AddSelfActivatingSchema<WorkshopSchema>()
            .AddSystemTextJson(json => json.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
            .AddErrorInfoProvider<WorkshopErrors>()
            .AddComplexityAnalyzer(complexity =>
            {
                complexity.MaxDepth = limits.DepthMax;
                complexity.MaxComplexity = limits.ComplexityMax;

                // The schema has a known size, far below what its lists are estimated at: every tool asks for all of it.
                var usual = complexity.DefaultComplexityImpactDelegate;
                complexity.DefaultComplexityImpactDelegate = field => field.FieldDefinition.Name == "__schema"
                    ? new FieldComplexityResult(1, IntrospectionShare)
                    : usual(field);
            }));
    }

    public static void MapGraphQl(this WebApplication app)
    {
        app.MapMethods(
                GraphQlEndpoint.Path,
                [HttpMethods.Get, HttpMethods.Post],
                (HttpContext context, GraphQlEndpoint endpoint) => endpoint.RunAsync(context))
            .ExcludeFromDescription()
            .Needs(KeyScopes.None)
            .HasNoEnd();
        app.MapGet(GraphQlEndpoint.Path + "/ide/{name}", (string name, HttpContext context) => IdeFiles.WriteAsync(name, context))
            .ExcludeFromDescription()
            .Needs(KeyScopes.None);
    }
}
