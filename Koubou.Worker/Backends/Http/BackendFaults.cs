using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.Http;

/// <summary>What a backend's refusal means for the task, and the sentence that people read.</summary>
/// <param name="words">How this kind of backend speaks of itself.</param>
/// <param name="clock">For a Retry-After that names a time.</param>
internal sealed class BackendFaults(BackendWords words, TimeProvider clock)
{
    public const string Unreachable = "backend_unreachable";
    public const string Busy = "backend_busy";
    public const string Failed = "backend_failed";
    public const string BrokeOff = "backend_broke_off";
    public const string Silent = "backend_silent";
    public const string AuthRefused = "backend_auth_refused";
    public const string QuotaUsedUp = "backend_quota_used_up";
    public const string ModelMissing = "model_missing";
    public const string ModelUnknown = "model_unknown";
    public const string ContextExceeded = "context_length_exceeded";
    public const string Redirected = "backend_redirected";
    public const string RequestRefused = "backend_refused";

    // Anthropic's own status for "overloaded".
    private const HttpStatusCode Overloaded = (HttpStatusCode)529;

    private static readonly TimeSpan BusyDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WishMax = TimeSpan.FromHours(1);

    // How servers say that a prompt is too long: OpenAI, llama.cpp, vLLM, Anthropic, Ollama.
    private static readonly string[] TooLong =
    [
        "context_length_exceeded", "context length", "context size", "maximum context", "prompt is too long",
        "exceed_context_size", "too many tokens", "input is too long",
    ];

    public BackendWords Words => words;

    /// <summary>What goes on record for a status that is no success.</summary>
    public TaskFailureException FromStatus(HttpStatusCode status, string body, HttpResponseHeaders headers)
    {
        var (error, code) = ReadError(body, status);
        return status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                TaskFailureException.Permanent(AuthRefused, words.AuthRefused(error, (int)status)),
            HttpStatusCode.PaymentRequired => TaskFailureException.Permanent(QuotaUsedUp, words.QuotaUsedUp(error)),
            HttpStatusCode.TooManyRequests when code is "insufficient_quota" or "billing_error" =>
                TaskFailureException.Permanent(QuotaUsedUp, words.QuotaUsedUp(error)),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or Overloaded =>
                TaskFailureException.Transient(Busy, words.Busy(error), WishOf(headers) ?? BusyDelay),
            HttpStatusCode.RequestEntityTooLarge =>
                TaskFailureException.Permanent(ContextExceeded, words.ContextExceeded(error)),
            HttpStatusCode.NotFound when IsOfModel(error, code) =>
                TaskFailureException.Permanent(words.MissingModelMayCome ? ModelMissing : ModelUnknown, words.NoModel(error)),
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError
                when !IsTooLong(error, code) =>
                TaskFailureException.Transient(Failed, words.Failed(error), WishOf(headers)),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
                TaskFailureException.Permanent(Redirected, words.Redirected()),
            _ when IsTooLong(error, code) =>
                TaskFailureException.Permanent(ContextExceeded, words.ContextExceeded(error)),
            _ => TaskFailureException.Permanent(RequestRefused, words.Refused(error, (int)status)),
        };
    }

    /// <summary>An error that came in the middle of an answer, under status 200.</summary>
    public TaskFailureException FromStream(string error)
    {
        var (message, code) = ReadError(error, HttpStatusCode.OK);
        return IsTooLong(message, code)
            ? TaskFailureException.Permanent(ContextExceeded, words.ContextExceeded(message))
            : code is "overloaded_error" or "rate_limit_error"
                ? TaskFailureException.Transient(Busy, words.Busy(message), BusyDelay)
                : TaskFailureException.Transient(Failed, words.Failed(message));
    }

    public TaskFailureException Broke(Exception? inner) =>
        TaskFailureException.Transient(BrokeOff, words.BrokeOff(), retryAfter: null, inner);

    public TaskFailureException WasSilent(TimeSpan limit) =>
        TaskFailureException.Transient(Silent, words.Silent(limit));

    /// <summary>Nothing was sent, so no attempt needs to be counted.</summary>
    public GiveBackException Away(TimeSpan retryAfter, Exception? inner = null) =>
        new(Unreachable, words.Unreachable(), retryAfter, inner);

    /// <summary>
    /// Samples: <c>{"error":"model not found"}</c> (Ollama), <c>{"error":{"message":"…","code":"context_length_exceeded"}}</c>
    /// (OpenAI), <c>{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}</c> (Anthropic),
    /// <c>{"object":"error","message":"…","code":404}</c> (vLLM).
    /// </summary>
    private static (string Message, string Code) ReadError(string body, HttpStatusCode status)
    {
        try
        {
            using var parsed = JsonDocument.Parse(body);
            var root = parsed.RootElement;
            if (root.ValueKind == JsonValueKind.String)
            {
                return (root.GetString()!, "");
            }

            if (root.ValueKind == JsonValueKind.Object)
            {
                var error = root.TryGetProperty("error", out var inner) ? inner : root;
                if (error.ValueKind == JsonValueKind.String)
                {
                    return (error.GetString()!, "");
                }

                var code = Text(error, "code") is { Length: > 0 } named ? named : Text(error, "type");
                return (Text(error, "message") is { Length: > 0 } message ? message : body, code);
            }
        }
        catch (JsonException)
        {
            // A proxy's page, or plain text: shown as it is.
        }

        return (string.IsNullOrWhiteSpace(body) ? $"status {(int)status}" : body.Trim(), "");
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static bool IsTooLong(string error, string code) =>
        code is "context_length_exceeded" or "exceed_context_size_error"
        || TooLong.Any(sign => error.Contains(sign, StringComparison.OrdinalIgnoreCase));

    private static bool IsOfModel(string error, string code) =>
        code is "model_not_found" or "not_found_error" || error.Contains("model", StringComparison.OrdinalIgnoreCase);

    private TimeSpan? WishOf(HttpResponseHeaders headers)
    {
        var wish = headers.RetryAfter?.Delta
            ?? (headers.RetryAfter?.Date is { } date ? date - clock.GetUtcNow() : (TimeSpan?)null)
            ?? (headers.TryGetValues("retry-after-ms", out var values) && int.TryParse(values.First(), out var milliseconds)
                ? TimeSpan.FromMilliseconds(milliseconds) : (TimeSpan?)null);
        return wish switch
        {
            null => null,
            { } time when time < TimeSpan.Zero => TimeSpan.Zero,
            { } time => time < WishMax ? time : WishMax,
        };
    }
}
