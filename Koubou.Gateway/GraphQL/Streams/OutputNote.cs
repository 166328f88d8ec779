using Koubou.Gateway.Rest.Native;

namespace Koubou.Gateway.GraphQL.Streams;

/// <summary>A piece of one task's output as it is written.</summary>
/// <param name="Kind"><c>chunk</c>, <c>progress</c>, <c>reset</c> (what was shown is void) or <c>done</c>.</param>
/// <param name="Offset">Where the piece starts, in UTF-16 units.</param>
/// <param name="NextOffset">Resume from here.</param>
/// <param name="Text">The piece, or the progress note.</param>
/// <param name="Attempt">The attempt that wrote the piece, or that begins.</param>
/// <param name="Task">The finished task, in the last message.</param>
internal sealed record OutputNote(
    string Kind, long? Offset, long? NextOffset, string? Text, int? Attempt, TaskView? Task);
