using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Koubou.Cli.Mcp;

/// <summary>Reads the messages in an answer: one as JSON, or many as server-sent events.</summary>
internal static class EventReader
{
    public static async IAsyncEnumerable<string> ReadAsync(
        HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (text.Length > 0)
            {
                yield return text;
            }

            yield break;
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (item.Data.Length > 0)
            {
                yield return item.Data;
            }
        }
    }
}
