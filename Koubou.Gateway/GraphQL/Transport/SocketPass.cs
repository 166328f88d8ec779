using System.Text.Json;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;

namespace Koubou.Gateway.GraphQL.Transport;

/// <summary>
/// Who speaks on a socket: known from the request that opened it, or told in its first message, because browsers can set
/// no header on a WebSocket. Sample: <c>{"type":"connection_init","payload":{"authorization":"Bearer kb_…"}}</c>.
/// </summary>
internal sealed class SocketPass(HttpContext context, KeyRing keys) : IDisposable
{
    private IDisposable? _place;
    private CancellationTokenRegistration _gone;

    public Caller Caller { get; private set; } = Caller.Of(context);

    /// <summary>Whether the client may go on after this message.</summary>
    public bool Admits(JsonElement init)
    {
        // Who came with a key in a header has passed the guard already.
        if (!keys.IsRequired || Caller.Key is not null)
        {
            return true;
        }

        if (KeyIn(init) is not { } presented || keys.Find(presented) is not { } key)
        {
            return false;
        }

        (_place, var problem) = key.Limits.Enter();
        if (problem is not null)
        {
            return false;
        }

        Caller = new Caller(key.Name, key);
        _gone = key.Gone.UnsafeRegister(static open => ((HttpContext)open!).Abort(), context);
        return true;
    }

    public void Dispose()
    {
        _gone.Dispose();
        _place?.Dispose();
    }

    private static string? KeyIn(JsonElement init)
    {
        if (!init.TryGetProperty("payload", out var payload) || payload.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var field in payload.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String))
        {
            switch (field.Name.ToUpperInvariant())
            {
                case "AUTHORIZATION":
                    return PresentedKey.InAuthorization(JsonInput.Text(field.Value) ?? "");
                case "X-API-KEY" or "APIKEY":
                    return JsonInput.Text(field.Value);
            }
        }

        return null;
    }
}
