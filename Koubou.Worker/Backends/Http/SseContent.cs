namespace Koubou.Worker.Backends.Http;

/// <summary>The body of an answer as server-sent events, guarded by <see cref="SseStream"/>.</summary>
internal static class SseContent
{
    public static async Task<HttpContent> WrapAsync(HttpContent content, BackendFaults faults, CancellationToken caller)
    {
        var wrapped = new StreamContent(new SseStream(await content.ReadAsStreamAsync(caller), faults, caller));
        foreach (var (name, values) in content.Headers)
        {
            wrapped.Headers.TryAddWithoutValidation(name, values);
        }

        return wrapped;
    }
}
