using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>What became of the tasks that were selected.</summary>
/// <param name="Changed">So many were changed.</param>
/// <param name="PassedOver">So many were no longer in a state that allows it.</param>
public sealed record BulkReply(long Changed, long PassedOver)
{
    internal static BulkReply Of(ChangeMatchingReply reply) => new(reply.Changed, reply.PassedOver);
}
