using System.Text.Json;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Events;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>What this door offers: the queries of v2.1 word for word, and everything that REST can do.</summary>
internal sealed class WorkshopSchema : global::GraphQL.Types.Schema
{
    public WorkshopSchema(IServiceProvider services)
        : base(services)
    {
        // Newer tools ask for these when they read the schema.
        Features.DeprecationOfInputValues = true;
        Features.RepeatableDirectives = true;
        RegisterTypeMapping(typeof(JsonElement), typeof(JsonScalar));
        RegisterTypeMapping(typeof(IReadOnlyDictionary<string, string>), typeof(JsonScalar));
        RegisterTypeMapping(typeof(IReadOnlyDictionary<string, long>), typeof(JsonScalar));
        foreach (var view in ViewType<TaskView>.Views)
        {
            RegisterTypeMapping(view, typeof(ViewType<>).MakeGenericType(view));
        }

        RegisterTypeMapping(typeof(TaskView), typeof(TaskGraph));
        RegisterTypeMapping(typeof(ReceiptView), typeof(ReceiptGraph));
        RegisterTypeMapping(typeof(StatusView), typeof(StatusGraph));
        RegisterTypeMapping(typeof(TaskUpdatePayload), typeof(ChangeGraph));
        Query = services.GetRequiredService<QueryRoot>();
        Mutation = services.GetRequiredService<MutationRoot>();
        Subscription = services.GetRequiredService<SubscriptionRoot>();
    }
}
