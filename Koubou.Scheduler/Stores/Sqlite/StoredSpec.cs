using Google.Protobuf;
using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>How a spec lies in its row: the prompt as text, to be searched; the rest as one message.</summary>
internal static class StoredSpec
{
    public static byte[] ToBytes(TaskSpec spec)
    {
        // Nobody else holds the spec yet. Lifting the prompt out for a moment saves a copy of the whole message.
        var prompt = spec.Prompt;
        spec.Prompt = "";
        var bytes = spec.ToByteArray();
        spec.Prompt = prompt;
        return bytes;
    }

    public static TaskSpec Read(byte[] bytes, string prompt)
    {
        var spec = TaskSpec.Parser.ParseFrom(bytes);
        spec.Prompt = prompt;
        return spec;
    }
}
