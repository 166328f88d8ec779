using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Koubou.Gateway.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Koubou.Gateway.Intake;

/// <summary>Reads a whole JSON body, up to a limit, without copying it.</summary>
internal static class JsonBody
{
    /// <summary>Reads the whole value at the root. Throws <see cref="JsonException"/> where it is not JSON.</summary>
    public delegate void Parser(ref Utf8JsonReader reader);

    private static ReadOnlySpan<byte> Utf8Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>Hands the body to <paramref name="parse"/>; says so when there is none to be read.</summary>
    public static async Task<Problem?> ReadAsync(HttpContext context, long bytesMax, Parser parse)
    {
        var request = context.Request;
        if (!IsJson(request.ContentType))
        {
            return Problems.UnsupportedMediaType(request.ContentType);
        }

        if (request.ContentLength > bytesMax)
        {
            return Problems.BodyTooLarge(bytesMax);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var body = await ReadAllAsync(request.BodyReader, bytesMax, context.RequestAborted);
        try
        {
            return body.Length > bytesMax ? Problems.BodyTooLarge(bytesMax) : Parse(body, parse);
        }
        finally
        {
            request.BodyReader.AdvanceTo(body.End);
        }
    }

    /// <summary>Parses bytes that are here already.</summary>
    public static Problem? Parse(ReadOnlySequence<byte> body, Parser parse)
    {
        if (body.Length >= Utf8Bom.Length && body.Slice(0, Utf8Bom.Length).ToArray().AsSpan().SequenceEqual(Utf8Bom))
        {
            body = body.Slice(Utf8Bom.Length);
        }

        if (body.IsEmpty)
        {
            return Problems.InvalidField("body", "is empty", "Send a JSON object, for example {\"prompt\": \"…\"}.");
        }

        try
        {
            var reader = new Utf8JsonReader(body, JsonInput.ReaderOptions);
            reader.Read();
            parse(ref reader);
            reader.Read();
            return null;
        }
        catch (JsonException error)
        {
            return Problems.InvalidField("body", JsonInput.Explain(error), "Send one JSON object.");
        }
        catch (InvalidOperationException)
        {
            // The reader finds half a surrogate pair only when it looks at the name or the text that has it.
            return Problems.InvalidField("body", "holds text that is not valid Unicode", "Send one JSON object in UTF-8.");
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.Value.Trim('"').ToUpperInvariant() is "UTF-8" or "UTF8" or "US-ASCII");

    // Stops one read behind the limit, so that a body without a length cannot fill the memory.
    private static async Task<ReadOnlySequence<byte>> ReadAllAsync(
        PipeReader reader, long bytesMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted || result.Buffer.Length > bytesMax)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
