using System.Security.Claims;
using System.Text.Json;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Patience;
using Koubou.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Mcp;

/// <summary>Where the MCP server is reached: streamable HTTP at one path, on every port.</summary>
internal static class McpEndpoint
{
    public const string Path = "/mcp";

    public static void MapMcpServer(this WebApplication app)
    {
        var bodyBytesMax = app.Services.GetRequiredService<IOptions<IntakeOptions>>().Value.BatchBodyBytesMax;
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(Path),
            branch => branch.Use(async (context, next) =>
            {
                BindSession(context);
                AllowBody(context, bodyBytesMax);
                try
                {
                    await next(context);
                }
                catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
                {
                    // The session ended under the call: its client closed it, or it was idle for too long.
                    EndWithSession(context);
                }
                catch (Exception error) when (IsUnreadable(error) && !context.Response.HasStarted)
                {
                    // The SDK reads the parameters of some methods where no handler can answer for it.
                    await Problems.InvalidField("params", "are not what the method takes").WriteForDoorAsync(context);
                }
            }));
        // What each message needs is looked at where it is understood.
        app.MapMcp(Path).ExcludeFromDescription().Needs(KeyScopes.None).HasNoEnd();
    }

    // Missing or wrong members are the first, text that is not valid Unicode is the second.
    private static bool IsUnreadable(Exception error) =>
        error is JsonException or InvalidOperationException { Source: "System.Text.Json" };

    // To the protocol, a session that has ended is one that is not there.
    private static void EndWithSession(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    // The SDK lets a session be used only by the user who opened it: with keys on, a user is a key.
    private static void BindSession(HttpContext context)
    {
        if (context.Features.Get<Caller>() is { } caller)
        {
            context.User = new ClaimsPrincipal(
                new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.Key?.Id ?? caller.Client)], "api-key"));
        }
    }

    private static void AllowBody(HttpContext context, long bytesMax)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = bytesMax;
        }
    }
}
