using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Koubou.Gateway.Artifacts;

/// <summary>The one range of bytes that a request asks for (RFC 9110, section 14).</summary>
/// <param name="First">Its first byte.</param>
/// <param name="Length">How many; 0: it lies outside.</param>
internal readonly record struct ByteRange(long First, long Length)
{
    public bool IsSatisfiable => Length > 0;

    /// <summary>
    /// Null where the whole is to be sent: no range is asked for, or several, or one of another state of the file.
    /// </summary>
    public static ByteRange? Read(RequestHeaders headers, EntityTagHeaderValue tag, long size)
    {
        if (headers.Range is not { Ranges.Count: 1 } range
            || !range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            || (headers.IfRange is { } condition && condition.EntityTag?.Compare(tag, useStrongComparison: true) != true))
        {
            return null;
        }

        var wanted = range.Ranges.Single();
        if (wanted.From is not { } first)
        {
            // The last so many bytes.
            var last = Math.Min(wanted.To ?? 0, size);
            return new ByteRange(size - last, last);
        }

        return new ByteRange(first, Math.Max(0, Math.Min(wanted.To ?? size - 1, size - 1) - first + 1));
    }
}
