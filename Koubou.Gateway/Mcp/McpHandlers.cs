using Koubou.Gateway.Mcp.Resources;
using Koubou.Gateway.Mcp.Subscriptions;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp;

/// <summary>Hangs the handlers that need services into the SDK's options.</summary>
internal sealed class McpHandlers(ResourceLists lists, Completions completions, SubscriptionHandlers subscriptions)
    : IConfigureOptions<McpServerOptions>
{
    public void Configure(McpServerOptions options)
    {
        options.Capabilities ??= new ServerCapabilities();
        options.Capabilities.Resources ??= new ResourcesCapability();
        options.Capabilities.Resources.Subscribe = true;
        options.Handlers.ListResourcesHandler = lists.ListAsync;
        options.Handlers.CompleteHandler = completions.CompleteAsync;
        options.Handlers.SubscribeToResourcesHandler = subscriptions.SubscribeAsync;
        options.Handlers.UnsubscribeFromResourcesHandler = subscriptions.UnsubscribeAsync;
        options.Handlers.SubscriptionsListenHandler = subscriptions.ListenAsync;
    }
}
