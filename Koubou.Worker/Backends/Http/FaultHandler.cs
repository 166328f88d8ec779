using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.Http;

/// <summary>Turns what goes wrong between node and backend into failures that say what to do.</summary>
internal sealed class FaultHandler(BackendFaults faults, TimeSpan retryAfter, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    private const int ErrorBytesMax = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is TaskFailureException refused)
        {
            // The guard of the connection refused; the client wraps what its callback throws.
            throw refused;
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError)
        {
            throw faults.Away(retryAfter, exception);
        }
        catch (HttpRequestException exception)
        {
            throw faults.Broke(exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw faults.Away(retryAfter, exception);
        }

        if (response.IsSuccessStatusCode)
        {
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                response.Content = await SseContent.WrapAsync(
                    response.Content, faults, CallScope.Current?.Caller ?? cancellationToken);
            }

            return response;
        }

        using (response)
        {
            throw faults.FromStatus(response.StatusCode, await ReadBodyAsync(response, cancellationToken), response.Headers);
        }
    }

    private static async Task<string> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(ErrorBytesMax, cancellationToken);
            return await response.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (HttpRequestException)
        {
            // Too long, or broken off: the status alone must do.
            return "";
        }
    }
}
