using System.Text.Json.Nodes;
using Koubou.Gateway.Mcp.Resources;
using Koubou.ServiceDefaults.Keys;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Subscriptions;

/// <summary>
/// Subscriptions of both kinds: by session, as before 2026-07-28, and as one long request whose answer is the stream of
/// notifications.
/// </summary>
internal sealed class SubscriptionHandlers(
    ResourceWatches watches, McpCaller callers, IHostApplicationLifetime lifetime)
{
    public ValueTask<EmptyResult> SubscribeAsync(
        RequestContext<SubscribeRequestParams> request, CancellationToken cancellationToken)
    {
        callers.Demand(request.Server.ClientInfo, KeyScopes.Read);

        // Once this request is answered, its server sends by the session's own stream.
        var server = request.Server;
        var uri = Checked(request.Params.Uri);
        Add(new ResourceWatch(OwnerOf(server), uri, TaskUris.TaskIdOf(uri), changed => TellAsync(server, changed, null)));
        return ValueTask.FromResult(new EmptyResult());
    }

    public ValueTask<EmptyResult> UnsubscribeAsync(
        RequestContext<UnsubscribeRequestParams> request, CancellationToken cancellationToken)
    {
        watches.Remove(OwnerOf(request.Server), request.Params.Uri);
        return ValueTask.FromResult(new EmptyResult());
    }

    /// <summary>Holds the request open and streams what it subscribed to, until the client leaves.</summary>
    public async ValueTask<EmptyResult> ListenAsync(
        RequestContext<SubscriptionsListenRequestParams> request, CancellationToken cancellationToken)
    {
        callers.Demand(request.Server.ClientInfo, KeyScopes.Read);
        var owner = new object();
        var id = request.JsonRpcRequest.Id;
        var uris = (request.Params.Notifications.ResourceSubscriptions ?? []).Select(Checked).Distinct().ToList();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await AcknowledgeAsync(request.Server, id, uris, over.Token);
            foreach (var uri in uris)
            {
                Add(new ResourceWatch(
                    owner, uri, TaskUris.TaskIdOf(uri), changed => TellAsync(request.Server, changed, id)));
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, over.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The gateway stops: the stream ends as a whole answer, and the client may listen anew.
        }
        finally
        {
            watches.RemoveAll(owner);
        }

        return new EmptyResult();
    }

    private static object OwnerOf(McpServer server) => server.SessionId ?? (object)server;

    private static string Checked(string uri) => uri == TaskUris.Status || TaskUris.TaskIdOf(uri) is { Length: > 0 }
        ? uri
        : throw new McpProtocolException(
            $"'{uri}' cannot be subscribed to. Subscribe to {TaskUris.Status}, {TaskUris.TaskTemplate} or {TaskUris.OutputTemplate}.",
            McpErrorCode.InvalidParams);

    // Whatever else was asked for is left out: tools and prompts of this server never change while it runs.
    private static Task AcknowledgeAsync(McpServer server, RequestId id, List<string> uris, CancellationToken token)
    {
        var granted = new JsonObject();
        if (uris.Count > 0)
        {
            granted["resourceSubscriptions"] = new JsonArray([.. uris.Select(uri => JsonValue.Create(uri))]);
        }

        return SendAsync(
            server,
            NotificationMethods.SubscriptionsAcknowledgedNotification,
            new JsonObject { ["notifications"] = granted },
            id,
            token);
    }

    private static Task TellAsync(McpServer server, string uri, RequestId? id) => SendAsync(
        server, NotificationMethods.ResourceUpdatedNotification, new JsonObject { ["uri"] = uri }, id, CancellationToken.None);

    private static Task SendAsync(
        McpServer server, string method, JsonObject parameters, RequestId? id, CancellationToken token)
    {
        if (id is { } subscription)
        {
            parameters["_meta"] = new JsonObject
            {
                [MetaKeys.SubscriptionId] = subscription.Id switch
                {
                    long number => JsonValue.Create(number),
                    var other => JsonValue.Create(other?.ToString()),
                },
            };
        }

        return server.SendMessageAsync(new JsonRpcNotification { Method = method, Params = parameters }, token);
    }

    private void Add(ResourceWatch watch)
    {
        if (!watches.TryAdd(watch))
        {
            throw new McpProtocolException(
                $"One client can watch at most {ResourceWatches.WatchesMax} resources. Unsubscribe from some, or watch {TaskUris.Status}.",
                McpErrorCode.InvalidRequest);
        }
    }
}
