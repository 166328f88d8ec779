using System.Text.Json;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.OpenApi;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Rest.Native.Keys;

/// <summary>The keys of the home's file, for who may administer.</summary>
internal static class KeyEndpoints
{
    private const int BodyBytesMax = 64 * 1024;

    public static void MapKeys(this RouteGroupBuilder api)
    {
        api.MapGet("/keys", ListAsync)
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

    private static IResult ListAsync(KeyRing keys)
    {
        keys.Refresh();
        return Results.Json(new KeysReply([.. keys.All.Select(KeyView.Of)]), RestJson.Relaxed.KeysReply);
    }

    private static async Task<IResult> AddAsync(HttpContext context, KeyFile file, KeyRing keys, TimeProvider time)
    {
        JsonElement body = default;
        var unreadable = await JsonBody.ReadAsync(
            context, BodyBytesMax, (ref Utf8JsonReader reader) => body = JsonElement.ParseValue(ref reader));
        if (unreadable is not null)
        {
            return unreadable.ToResult();
        }

        var faults = new FaultList();
        var (name, rights) = KeyRequestReader.Read(body, time.GetUtcNow(), faults);
        if (keys.All.Any(key => key.Name.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase)))
        {
            faults.Add("name", "belongs to another key; tasks are counted under it");
        }

        if (faults.Any)
        {
            return Problems.InvalidRequest(faults).ToResult();
        }

        try
        {
            var (key, text) = await file.AddAsync(name, rights, context.RequestAborted);
            keys.Refresh();
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.Location = $"{NativeEndpoints.Root}/keys/{key.Id}";
            return Results.Json(
                KeyView.Of(key) with { Key = text }, RestJson.Relaxed.KeyView, statusCode: StatusCodes.Status201Created);
        }
        catch (SettingException taken)
        {
            return Problems.InvalidField("name", taken.Message).ToResult();
        }
    }

    private static async Task<IResult> RevokeAsync(string id, KeyFile file, KeyRing keys, CancellationToken cancellationToken)
    {
        if (keys.All.Any(key => key.Id == id && key.CreatedAt is null))
        {
            return Problems.Conflict(
                $"The key '{Problems.Shorten(id)}' stands in configuration.",
                $"Remove it from {ConfiguredKeys.Section} and restart the gateway.").ToResult();
        }

        // By its id alone: a name may come to belong to another key between a look at the list and this call.
        if (keys.All.FirstOrDefault(key => key.Id == id) is null || await file.RevokeAsync(id, cancellationToken) is null)
        {
            return Problems.OfStatus(
                StatusCodes.Status404NotFound,
                $"No API key has the id '{Problems.Shorten(id)}'.",
                "GET /api/v1/keys lists the keys.").ToResult();
        }

        keys.Refresh();
        return Results.NoContent();
    }
}
