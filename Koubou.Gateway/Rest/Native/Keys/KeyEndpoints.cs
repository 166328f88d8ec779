using System.Text.Json;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.OpenApi;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Rest.Native.Keys;

/// <summary>The keys of the home's file, for who may administer.</summary>
internal static class KeyEndpoints
{
    private const int BodyBytesMax = 64 * 1024;

    public static void MapKeys(this RouteGroupBuilder api)
    {
        api.MapGet("/keys", List)
            .WithName("listKeys")
            .WithTags("Keys")
            .WithSummary("List the API keys, without the keys themselves")
            .Needs(KeyScopes.Admin)
            .Produces<KeysReply>()
            .Refuses();
        api.MapPost("/keys", AddAsync)
            .WithName("addKey")
            .WithTags("Keys")
            .WithSummary("Make an API key")
            .WithDescription(
                "The answer holds the key, once and never again. With the first key of a workshop every door asks for one.")
            .Needs(KeyScopes.Admin)
            .Accepts<KeyRequest>("application/json")
            .Produces<KeyView>(StatusCodes.Status201Created)
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status415UnsupportedMediaType);
        api.MapDelete("/keys/{id}", RevokeAsync)
            .WithName("revokeKey")
            .WithTags("Keys")
            .WithSummary("Revoke an API key; what it holds open is broken off")
            .Needs(KeyScopes.Admin)
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static IResult List(KeyDesk keys) => Results.Json(new KeysReply(keys.List()), RestJson.Relaxed.KeysReply);

    private static async Task<IResult> AddAsync(HttpContext context, KeyDesk keys)
    {
        JsonElement body = default;
        var unreadable = await JsonBody.ReadAsync(
            context, BodyBytesMax, (ref Utf8JsonReader reader) => body = JsonInput.Element(ref reader));
        if (unreadable is not null)
        {
            return unreadable.ToResult();
        }

        var (key, problem) = await keys.AddAsync(body, context.RequestAborted);
        if (key is null)
        {
            return problem!.ToResult();
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Location = $"{NativeEndpoints.Root}/keys/{key.Id}";
        return Results.Json(key, RestJson.Relaxed.KeyView, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> RevokeAsync(string id, KeyDesk keys, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(id, cancellationToken) is { } problem ? problem.ToResult() : Results.NoContent();
}
