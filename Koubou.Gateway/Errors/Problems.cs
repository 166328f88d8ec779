using Koubou.Contracts;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Errors;

/// <summary>Every problem that this service answers with, in one place, so that each says what to do next.</summary>
internal static class Problems
{
    private const string Prefix = "urn:koubou:problem:";

    public static Problem InvalidRequest(FaultList faults, string? hint = null) => new()
    {
        Type = Prefix + (faults.TooLarge ? "too_large" : "invalid_request"),
        Title = faults.TooLarge ? "The request is larger than allowed." : "The request has faults.",
        Status = faults.TooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest,
        Detail = faults.Summary(),
        Errors = faults.ToErrors(),
        Hint = hint ?? "Mend the fields named in errors and send the request again; nothing was changed.",
    };

    public static Problem InvalidField(string field, string sentence, string? hint = null)
    {
        var faults = new FaultList();
        faults.Add(field, sentence);
        return InvalidRequest(faults, hint);
    }

    public static Problem UnsupportedMediaType(string? contentType) => new()
    {
        Type = Prefix + "unsupported_media_type",
        Title = "The body must be JSON.",
        Status = StatusCodes.Status415UnsupportedMediaType,
        Detail = string.IsNullOrEmpty(contentType)
            ? "The request has no Content-Type."
            : $"The Content-Type is '{contentType}'.",
        Hint = "Send the header Content-Type: application/json (charset utf-8). With curl: -H 'Content-Type: application/json'.",
    };

    public static Problem BodyTooLarge(long bytesMax) => new()
    {
        Type = Prefix + "too_large",
        Title = "The request is larger than allowed.",
        Status = StatusCodes.Status413PayloadTooLarge,
        Detail = $"The body is larger than {bytesMax:N0} bytes.",
        Errors = new Dictionary<string, string[]> { ["body"] = [$"must have at most {bytesMax:N0} bytes"] },
        Hint = "Send less at a time: split a batch, or shorten the prompt.",
    };

    public static Problem UnknownTask(string id) => new()
    {
        Type = Prefix + "unknown_task",
        Title = "No such task.",
        Status = StatusCodes.Status404NotFound,
        Detail = $"No task has the id '{Shorten(id)}'.",
        Hint = "Ids come from the answer to a submit; GET /api/v1/tasks lists the tasks that are kept.",
    };

    public static Problem UnknownArtifact(TaskRecord record, string name) => new()
    {
        Type = Prefix + "unknown_artifact",
        Title = "No such file.",
        Status = StatusCodes.Status404NotFound,
        Detail = record.Artifacts.Count == 0
            ? $"Task '{record.Id}' left no files."
            : $"Task '{record.Id}' left no file '{Shorten(name)}', only "
                + $"{string.Join(", ", record.Artifacts.Select(artifact => artifact.Name))}.",
        Hint = "The names stand in the task's artifacts, at GET /api/v1/tasks/{id}.",
    };

    public static Problem WrongState(string id, TaskState state, string verb) => new()
    {
        Type = Prefix + "wrong_state",
        Title = "The task's state forbids it.",
        Status = StatusCodes.Status409Conflict,
        Detail = $"Task '{id}' is {state.ToWord()}, so it cannot {verb}.",
        State = state.ToWord(),
        Hint = state.IsFinal()
            ? "The task is finished. POST /api/v1/tasks/{id}/retry puts a failed, cancelled or expired one back."
            : "Cancel the task first, or wait until it is finished: GET /api/v1/tasks/{id}?wait=30.",
    };

    public static Problem NoOutput(string id, TaskRecord record) => new()
    {
        Type = Prefix + "no_output",
        Title = "The task has no output.",
        Status = StatusCodes.Status409Conflict,
        Detail = record.Error is { Message.Length: > 0 } error
            ? $"Task '{id}' is {record.State.ToWord()}: {error.Message}"
            : $"Task '{id}' is {record.State.ToWord()}.",
        State = record.State.ToWord(),
        Hint = record.State.IsFinal()
            ? "POST /api/v1/tasks/{id}/retry puts it back into the queue."
            : "Wait for it with GET /api/v1/tasks/{id}?wait=30, or follow GET /api/v1/tasks/{id}/output/stream.",
    };

    public static Problem Conflict(string detail, string hint = "Read the task anew, then decide.") => new()
    {
        Type = Prefix + "wrong_state",
        Title = "The state forbids it.",
        Status = StatusCodes.Status409Conflict,
        Detail = detail,
        Hint = hint,
    };

    public static Problem Busy(string detail, TimeSpan retryAfter) => new()
    {
        Type = Prefix + "queue_full",
        Title = "The queue takes no more for now.",
        Status = StatusCodes.Status429TooManyRequests,
        Detail = detail,
        RetryAfter = retryAfter,
        Hint = "Send the same request again after the time in Retry-After; nothing was enqueued.",
    };

    public static Problem SocketsFull() => new()
    {
        Type = Prefix + "sockets_full",
        Title = "No more WebSockets for now.",
        Status = StatusCodes.Status503ServiceUnavailable,
        Detail = "As many WebSockets are open as Koubou:Gateway:Limits:SocketsMax allows.",
        RetryAfter = TimeSpan.FromSeconds(5),
        Hint = "Close sockets that are not needed, share one between pages, or follow GET /api/v1/events instead.",
    };

    public static Problem SchedulerAway(string detail) => new()
    {
        Type = Prefix + "scheduler_unavailable",
        Title = "The scheduler does not answer.",
        Status = StatusCodes.Status503ServiceUnavailable,
        Detail = detail,
        RetryAfter = TimeSpan.FromSeconds(2),
        Hint = "Look whether the scheduler runs (its log is .koubou/logs/scheduler.log), then send the request again. "
            + "A submit with an Idempotency-Key may be repeated without fear of doubles.",
    };

    public static Problem SchedulerSlow() => new()
    {
        Type = Prefix + "scheduler_timeout",
        Title = "The scheduler did not answer in time.",
        Status = StatusCodes.Status504GatewayTimeout,
        Detail = "The scheduler took longer than Koubou:Gateway:SchedulerTimeout.",
        Hint = "Send the request again. A submit with an Idempotency-Key may be repeated without fear of doubles.",
    };

    public static Problem SchedulerFailed(string code) => new()
    {
        Type = Prefix + "scheduler_failed",
        Title = "The scheduler failed.",
        Status = StatusCodes.Status502BadGateway,
        Detail = $"The scheduler answered {code}.",
        Hint = "The scheduler's log (.koubou/logs/scheduler.log) says why.",
    };

    public static Problem TookTooLong(TimeSpan timeout) => new()
    {
        Type = Prefix + "request_timeout",
        Title = "The request took too long.",
        Status = StatusCodes.Status504GatewayTimeout,
        Detail = $"It was not done after {timeout.TotalSeconds:0} seconds, the time that Koubou:Gateway:Limits:RequestTimeout allows.",
        Hint = "Send the request again, perhaps for less at a time. A submit with an Idempotency-Key may be repeated without "
            + "fear of doubles.",
    };

    public static Problem SchedulerShut() => new()
    {
        Type = Prefix + "scheduler_refused",
        Title = "The scheduler refuses this gateway.",
        Status = StatusCodes.Status502BadGateway,
        Detail = "The scheduler asks for a join key that this gateway does not have.",
        Hint = "Give the gateway the scheduler's own Koubou:Scheduler:JoinKey, and restart it.",
    };

    public static Problem KeyMissing(bool given) => new()
    {
        Type = Prefix + "key_required",
        Title = "An API key is required.",
        Status = StatusCodes.Status401Unauthorized,
        Detail = given ? "The API key opens nothing here: it is mistyped, revoked or expired." : "The request carries no API key.",
        Hint = "Send the header Authorization: Bearer YOUR_KEY, or X-Api-Key: YOUR_KEY. "
            + "`koubou keys add NAME` makes one; a revoked or expired key opens nothing.",
    };

    public static Problem UnknownKey(string id) => new()
    {
        Type = Prefix + "unknown_key",
        Title = "No such API key.",
        Status = StatusCodes.Status404NotFound,
        Detail = $"No API key has the id '{Shorten(id)}'.",
        Hint = "GET /api/v1/keys lists the keys.",
    };

    public static Problem ScopeMissing(string key, KeyScopes scope) => new()
    {
        Type = Prefix + "scope_missing",
        Title = "The API key does not allow this.",
        Status = StatusCodes.Status403Forbidden,
        Detail = $"The key '{Shorten(key)}' lacks the scope {string.Join(" and ", scope.ToWords())}.",
        Hint = "Use a key that has it: `koubou keys list` shows the scopes, "
            + $"`koubou keys add NAME --scopes {string.Join(',', scope.ToWords())}` makes such a key.",
    };

    public static Problem RateExceeded(string key, int perMinute, TimeSpan retryAfter) => new()
    {
        Type = Prefix + "rate_exceeded",
        Title = "Too many requests.",
        Status = StatusCodes.Status429TooManyRequests,
        Detail = $"The key '{Shorten(key)}' may send {perMinute:N0} requests a minute.",
        RetryAfter = retryAfter,
        Hint = "Send the request again after the time in Retry-After; nothing was done.",
    };

    public static Problem TooManyAtOnce(string key, int max, TimeSpan retryAfter) => new()
    {
        Type = Prefix + "concurrency_exceeded",
        Title = "Too many requests at one time.",
        Status = StatusCodes.Status429TooManyRequests,
        Detail = $"The key '{Shorten(key)}' may hold {max:N0} requests at one time; open streams and sockets count.",
        RetryAfter = retryAfter,
        Hint = "Wait until one of them has ended, then send the request again; nothing was done.",
    };

    public static Problem ForeignHost(string host) => new()
    {
        Type = Prefix + "foreign_host",
        Title = "The Host header names another host.",
        Status = StatusCodes.Status421MisdirectedRequest,
        Detail = $"This gateway serves this machine only, and '{Shorten(host)}' is not a name of it.",
        Hint = "Use localhost or 127.0.0.1, or add the name to Koubou:Gateway:AllowedHosts.",
    };

    public static Problem ForeignOrigin(string origin) => new()
    {
        Type = Prefix + "foreign_origin",
        Title = "A page of another origin may not do this.",
        Status = StatusCodes.Status403Forbidden,
        Detail = $"The request comes from a page at '{Shorten(origin)}'.",
        Hint = "Add the page's origin to Koubou:Gateway:AllowedOrigins if you trust it.",
    };

    public static Problem OfStatus(int status, string detail, string hint) => new()
    {
        Type = "about:blank",
        Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
        Status = status,
        Detail = detail,
        Hint = hint,
    };

    public static string Shorten(string text) => text.Length <= 80 ? text : text[..79] + "…";
}
