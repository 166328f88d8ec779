using Koubou.Gateway.Errors;

namespace Koubou.Gateway.OpenApi;

/// <summary>Words for describing endpoints where they are mapped.</summary>
internal static class RequestNoteExtensions
{
    private const string ProblemType = "application/problem+json";

    public static RouteHandlerBuilder AcceptsTask(this RouteHandlerBuilder endpoint) => endpoint.Note(RequestNote.Task);

    public static RouteHandlerBuilder AcceptsBatch(this RouteHandlerBuilder endpoint) => endpoint.Note(RequestNote.Batch);

    public static RouteHandlerBuilder AcceptsIds(this RouteHandlerBuilder endpoint) => endpoint.Note(RequestNote.Ids);

    public static RouteHandlerBuilder TakesWait(this RouteHandlerBuilder endpoint) => endpoint.Note(RequestNote.Wait);

    public static RouteHandlerBuilder TakesOffset(this RouteHandlerBuilder endpoint) => endpoint.Note(RequestNote.Offset);

    public static RouteHandlerBuilder TakesFilters(this RouteHandlerBuilder endpoint) => endpoint.Note(RequestNote.Filters);

    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint) =>
        endpoint.Note(RequestNote.IdempotencyKey);

    /// <summary>Every submit can be refused in the same ways.</summary>
    public static RouteHandlerBuilder RefusesSubmits(this RouteHandlerBuilder endpoint) => endpoint.Refuses(
        StatusCodes.Status400BadRequest,
        StatusCodes.Status413PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType,
        StatusCodes.Status429TooManyRequests);

    /// <summary>The statuses that come with a problem; 503 is possible everywhere.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses.Append(StatusCodes.Status503ServiceUnavailable))
        {
            endpoint.Produces<Problem>(status, ProblemType);
        }

        return endpoint;
    }

    private static RouteHandlerBuilder Note(this RouteHandlerBuilder endpoint, RequestNote note) =>
        endpoint.WithMetadata(note);
}
