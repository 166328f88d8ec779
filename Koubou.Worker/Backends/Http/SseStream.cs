using System.Text;
using System.Text.Json;

namespace Koubou.Worker.Backends.Http;

/// <summary>
/// The events of an answer, read under the token of the one who asked, and stopped at an error event. Client libraries
/// take an error in mid-stream for an empty piece of the answer. Samples: <c>data: {"error":{"message":"…"}}</c>,
/// <c>data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}</c>.
/// </summary>
internal sealed class SseStream(Stream inner, BackendFaults faults, CancellationToken caller) : Stream
{
    // Longer lines are pieces of an answer, not errors.
    private const int ErrorLineBytesMax = 64 * 1024;

    private static ReadOnlySpan<byte> DataField => "data:"u8;

    private readonly MemoryStream _line = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
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
        _line.SetLength(0);
        if (line.StartsWith(DataField) && IsError(line[DataField.Length..]))
        {
            throw faults.FromStream(Encoding.UTF8.GetString(line[DataField.Length..]));
        }
    }

    private static bool IsError(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName
                && (reader.ValueTextEquals("error"u8)
                    || (reader.ValueTextEquals("type"u8) && reader.Read() && reader.ValueTextEquals("error"u8)));
        }
        catch (JsonException)
        {
            // Whoever reads the line as a piece of the answer will say what is wrong with it.
            return false;
        }
    }
}
