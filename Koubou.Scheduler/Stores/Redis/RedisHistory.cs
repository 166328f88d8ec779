using Google.Protobuf;
using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// The attempts of a task as one string that only grows: records of a letter, a length and a message. <c>B</c> begins an
/// attempt, <c>E</c> adds how it ended, <c>A</c> is the artifacts.
/// </summary>
internal static class RedisHistory
{
    public static void Read(ReadOnlySpan<byte> history, TaskRecord record)
    {
        var input = new CodedInputStream(history.ToArray());
        while (!input.IsAtEnd)
        {
            // The letter is less than 128, so it reads as a number of one byte.
            var letter = (char)input.ReadUInt32();
            var body = input.ReadBytes();
            switch (letter)
            {
                case 'B':
                    record.Attempts.Add(Attempt.Parser.ParseFrom(body));
                    break;
                case 'E':
                    record.Attempts[^1].MergeFrom(body);
                    break;
                default:
                    record.Artifacts.AddRange(TaskRecord.Parser.ParseFrom(body).Artifacts);
                    break;
            }
        }
    }

    public static byte[] Write(IEnumerable<Attempt> attempts, IReadOnlyCollection<Artifact> artifacts)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        foreach (var attempt in attempts)
        {
            Add(output, 'B', attempt.ToByteString());
        }

        if (artifacts.Count > 0)
        {
            Add(output, 'A', new TaskRecord { Artifacts = { artifacts } }.ToByteString());
        }

        output.Flush();
        return stream.ToArray();
    }

    private static void Add(CodedOutputStream output, char letter, ByteString body)
    {
        output.WriteUInt32(letter);
        output.WriteBytes(body);
    }
}
