using Microsoft.Net.Http.Headers;

namespace Koubou.Gateway.GraphQL.Transport;

/// <summary>How a client wants to be answered.</summary>
/// <param name="MediaType">The media type of the answer.</param>
internal sealed record Accepted(string MediaType)
{
    public const string Stream = "text/event-stream";
    public const string Page = "text/html";

    private const string GraphQlResponse = "application/graphql-response+json";
    public const string Json = "application/json";

    /// <summary>Whether a request that failed before it ran gets 400; the older media type demands 200.</summary>
    public bool HonestStatus => MediaType == GraphQlResponse;

    /// <summary>The wish of highest quality that we can fulfil; without one <c>application/json</c>. Null: none of them.</summary>
    public static Accepted? Of(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var wishes) || wishes.Count == 0)
        {
            return new Accepted(Json);
        }

        foreach (var wish in wishes.OrderByDescending(wish => wish.Quality ?? 1))
        {
            var name = wish.MediaType.Value?.ToLowerInvariant() ?? "";
            if (name is GraphQlResponse or Json or Stream or Page)
            {
                return new Accepted(name);
            }

            if (name is "*/*" or "application/*")
            {
                return new Accepted(Json);
            }
        }

        return null;
    }
}
