namespace Koubou.Gateway.Keys;

/// <summary>Who sends a request: the name that the scheduler shares the queue by.</summary>
internal sealed record Caller(string Client)
{
    /// <summary>Says who asks where no keys are set.</summary>
    public const string Header = "X-Koubou-Client";

    private static readonly Caller Local = new("local");

    /// <summary>The key's name; without keys the header's word, else <c>local</c>.</summary>
    public static Caller Of(HttpContext context) => Named(context) ?? Local;

    /// <summary>The key's name, else the header's word; null when the request says neither.</summary>
    public static Caller? Named(HttpContext context) =>
        context.Features.Get<Caller>()
        ?? (context.Request.Headers[Header].ToString().Trim() is { Length: > 0 } named ? new Caller(named) : null);
}
