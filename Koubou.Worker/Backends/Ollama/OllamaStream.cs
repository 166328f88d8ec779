using System.Text.Json;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>A line <c>{"error":"…"}</c> in a reply under HTTP 200.</summary>
internal sealed class OllamaErrorLineException(string error) : Exception(error);

/// <summary>
/// The body of a reply, read under the token of the one who asked, and stopped at an error line. The client library reads
/// without a token once the headers are there, so a cancelled chat would go on until the next token; and it takes an
/// error line of a chat for an empty piece of the answer.
/// </summary>
internal sealed class OllamaStream(Stream inner, CancellationToken caller) : Stream
{
    // Longer lines are pieces of an answer, not errors.
    private const int ErrorLineBytesMax = 64 * 1024;

    private readonly MemoryStream _line = new();

    /// <summary>The token of the chat or pull that the current flow makes.</summary>
    public static AsyncLocal<CancellationToken> Caller { get; } = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static async Task<HttpContent> WrapAsync(HttpContent content, CancellationToken caller)
    {
        var wrapped = new StreamContent(new OllamaStream(await content.ReadAsStreamAsync(caller), caller));
        foreach (var (name, values) in content.Headers)
        {
            wrapped.Headers.TryAddWithoutValidation(name, values);
        }

        return wrapped;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken.CanBeCanceled ? cancellationToken : caller);
        Inspect(buffer.Span[..read], isEnd: read == 0);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A blocking read could not be cancelled.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _line.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Inspect(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            if (_line.Length + part.Length <= ErrorLineBytesMax)
            {
                _line.Write(part);
            }

            if (end < 0)
            {
                return;
            }

            EndLine();
            bytes = bytes[(end + 1)..];
        }

        if (isEnd)
        {
            EndLine();
        }
    }

    private void EndLine()
    {
        var line = _line.GetBuffer().AsSpan(0, (int)_line.Length);
        var error = ReadError(line);
        _line.SetLength(0);
        if (error is not null)
        {
            throw new OllamaErrorLineException(error);
        }
    }

    private static string? ReadError(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            return line.Length > 0
                && reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("error"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String
                    ? reader.GetString()
                    : null;
        }
        catch (JsonException)
        {
            // Whoever reads the line as an answer will say what is wrong with it.
            return null;
        }
    }
}
