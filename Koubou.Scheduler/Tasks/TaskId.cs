using System.Buffers.Binary;

namespace Koubou.Scheduler.Tasks;

/// <summary>
/// The id of a task: a UUID of version 7 (RFC 9562), so that ids sort by the time of submission.
/// </summary>
/// <remarks>
/// The first 60 free bits, 48 of milliseconds and 12 of a counter (RFC 9562, section 6.2, method 1), are unique within
/// one database and serve there as the integer key of the task's row; the last 62 are random.
/// </remarks>
/// <param name="Key">Milliseconds since 1970 × 4,096 + counter. Positive, at most 60 bits.</param>
/// <param name="Random">62 random bits.</param>
public readonly record struct TaskId(long Key, long Random) : IComparable<TaskId>
{
    private const int CounterBits = 12;
    private const long CounterMask = (1L << CounterBits) - 1;
    private const long RandomMask = (1L << 62) - 1;

    /// <summary>When the id was made, to the millisecond.</summary>
    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>The same in milliseconds since 1970.</summary>
    public long Milliseconds => Key >> CounterBits;

    /// <summary>The smallest key of a millisecond.</summary>
    public static long FirstKeyOf(long unixMilliseconds) => unixMilliseconds << CounterBits;

    public int CompareTo(TaskId other) => Key.CompareTo(other.Key) is var byKey and not 0
        ? byKey
        : Random.CompareTo(other.Random);

    public static bool operator <(TaskId left, TaskId right) => left.CompareTo(right) < 0;

    public static bool operator <=(TaskId left, TaskId right) => left.CompareTo(right) <= 0;

    public static bool operator >(TaskId left, TaskId right) => left.CompareTo(right) > 0;

    public static bool operator >=(TaskId left, TaskId right) => left.CompareTo(right) >= 0;

    /// <summary>Sample: <c>0193a5f2-7c1e-7003-9d54-6f8e2b1a0c77</c>.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, ((Key & ~CounterMask) << 4) | 0x7000 | (Key & CounterMask));
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Random | (1L << 63));
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>Reads an id in any usual notation of a UUID. False for everything that is not one of version 7.</summary>
    public static bool TryParse(string? text, out TaskId id)
    {
        id = default;
        if (!Guid.TryParse(text, out var guid))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        var high = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var low = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
        var isVersion7 = (high & 0xF000) == 0x7000 && (low >>> 62) == 0b10;
        if (!isVersion7)
        {
            return false;
        }

        id = new TaskId(((high >>> 16) << CounterBits) | (high & CounterMask), low & RandomMask);
        return true;
    }

    /// <summary>Reads an id that was checked before.</summary>
    public static TaskId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text}' is not the id of a task.");

    /// <summary>An id with this key and fresh random bits.</summary>
    internal static TaskId WithKey(long key)
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return new TaskId(key, BinaryPrimitives.ReadInt64BigEndian(bytes) & RandomMask);
    }
}
