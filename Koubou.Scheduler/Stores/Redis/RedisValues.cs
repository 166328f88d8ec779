using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>How our values lie in the server.</summary>
internal static class RedisValues
{
    // Under this name the server's copy of a lane has its runner options.
    private const string RunnerOption = "runner";

    public static long ToMilliseconds(Timestamp? moment) =>
        moment is null ? 0 : moment.ToDateTimeOffset().ToUnixTimeMilliseconds();

    public static Timestamp? ToTimestamp(long unixMilliseconds) => unixMilliseconds == 0
        ? null
        : Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds));

    /// <summary>As decimal digits: the server's own numbers are too small for a token.</summary>
    public static RedisValue Write(ulong token) => token.ToString(CultureInfo.InvariantCulture);

    public static ulong ReadToken(RedisResult value) => ulong.Parse((string)value!, CultureInfo.InvariantCulture);

    /// <summary>
    /// The length of all but the prompt (4 bytes), that, and the prompt: the server cuts and searches it there.
    /// </summary>
    public static RedisValue Write(TaskSpec spec)
    {
        // Nobody else holds the spec yet. Lifting the prompt out for a moment saves a copy of the whole message. The server
        // adds the dependencies.
        var prompt = spec.Prompt;
        string[] dependsOn = [.. spec.DependsOn];
        spec.Prompt = "";
        spec.DependsOn.Clear();
        var size = spec.CalculateSize();
        var bytes = new byte[4 + size + System.Text.Encoding.UTF8.GetByteCount(prompt)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, size);
        spec.WriteTo(bytes.AsSpan(4, size));
        spec.Prompt = prompt;
        spec.DependsOn.AddRange(dependsOn);
        System.Text.Encoding.UTF8.GetBytes(prompt, bytes.AsSpan(4 + size));
        return bytes;
    }

    public static TaskSpec ReadSpec(RedisResult value)
    {
        var bytes = (byte[])value!;
        if (bytes.Length < 4)
        {
            throw new StoreUnusableException("Redis lost the content of a task. Did somebody delete keys of the queue?");
        }

        var size = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes);
        var spec = TaskSpec.Parser.ParseFrom(bytes.AsSpan(4, size));
        spec.Prompt = System.Text.Encoding.UTF8.GetString(bytes.AsSpan(4 + size));
        return spec;
    }

    public static RedisValue Write(LaneKey lane)
    {
        var spec = new TaskSpec
        {
            Type = lane.Type, Backend = lane.Backend, Model = lane.Model, DataPolicy = lane.Policy,
        };
        if (lane.Runner.Length > 0)
        {
            spec.Options.Add(RunnerOption, lane.Runner);
        }

        return spec.ToByteArray();
    }

    public static LaneKey ReadLane(RedisResult value)
    {
        var spec = TaskSpec.Parser.ParseFrom((byte[])value!);
        return new LaneKey(
            spec.Type, spec.Backend, spec.Model, spec.DataPolicy, spec.Options.GetValueOrDefault(RunnerOption, ""));
    }

    public static RedisValue Write(IMessage? message) => message is null ? RedisValue.EmptyString : message.ToByteArray();
}
