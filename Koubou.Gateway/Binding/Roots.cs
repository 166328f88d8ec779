using Koubou.Gateway.GraphQL.Transport;
using Koubou.Gateway.Patience;
using Koubou.Gateway.Sockets;

namespace Koubou.Gateway.Binding;

/// <summary>What each door answers at its root.</summary>
internal static class Roots
{
    public static void MapRoots(this WebApplication app) => app.MapGet("/", AnswerAsync).ExcludeFromDescription().HasNoEnd();

    private static Task AnswerAsync(HttpContext context)
    {
        switch (context.Door())
        {
            case Door.WebSocket:
                return SocketEndpoint.RunAsync(context);
            case Door.GraphQl:
                context.Response.Redirect(GraphQlEndpoint.Path);
                return Task.CompletedTask;
            default:
                context.Response.Redirect("/dashboard");
                return Task.CompletedTask;
        }
    }
}
