using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>Turns what goes wrong between node and Ollama into failures that say what to do.</summary>
internal sealed class OllamaFaultHandler(Uri address, TimeSpan retryAfter, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    public const string ModelMissing = "model_missing";
    public const string Unreachable = "backend_unreachable";

    private const int ErrorBytesMax = 64 * 1024;

    private static readonly TimeSpan BusyDelay = TimeSpan.FromSeconds(5);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            // Nothing was sent, so no attempt needs to be counted.
            throw new GiveBackException(Unreachable, OllamaSentences.Unreachable(address), retryAfter, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GiveBackException(Unreachable, OllamaSentences.Unreachable(address), retryAfter, exception);
        }

        if (response.IsSuccessStatusCode)
        {
            response.Content = await OllamaStream.WrapAsync(response.Content, OllamaStream.Caller.Value);
            return response;
        }

        using (response)
        {
            throw Fault(response.StatusCode, await ReadErrorAsync(response, cancellationToken), response.Headers.RetryAfter);
        }
    }

    private static TaskFailureException Fault(HttpStatusCode status, string error, RetryConditionHeaderValue? wish) =>
        status switch
        {
            HttpStatusCode.NotFound => TaskFailureException.Transient(ModelMissing, $"Ollama: {error}"),
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests => TaskFailureException.Transient(
                "backend_busy", $"Ollama is busy: {error}", wish?.Delta ?? BusyDelay),
            >= HttpStatusCode.InternalServerError => TaskFailureException.Transient(
                "backend_failed", OllamaSentences.Failed(error)),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => TaskFailureException.Permanent(
                "backend_redirected", "Ollama's address answered with a redirect, which is never followed."),
            _ => TaskFailureException.Permanent("backend_refused", $"Ollama refused the request ({(int)status}): {error}"),
        };

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(ErrorBytesMax, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return JsonSerializer.Deserialize(text, OllamaJson.Default.OllamaError)?.Error ?? text;
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException)
        {
            return $"status {(int)response.StatusCode}";
        }
    }
}
