using System.ComponentModel;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Mcp.Replies;

/// <summary>A task in one line.</summary>
internal sealed record TaskBrief(
    string Id,
    string State,
    string Type,
    [property: Description("The first line of the prompt.")] string Title,
    [property: Description("1 is next; absent when it does not wait in the queue.")] long? QueuePosition,
    [property: Description("Tokens of the answer so far, while it runs.")] long? TokensSoFar,
    string? Progress,
    string? BatchId)
{
    public static TaskBrief Of(TaskRecord record, long? tokensSoFar = null) => new(
        record.Id,
        record.State.ToWord(),
        record.Spec.Type,
        TextWeight.Title(record.Spec.Prompt),
        record.QueuePosition == 0 ? null : record.QueuePosition,
        tokensSoFar,
        record.Progress.OrNull(),
        record.Spec.BatchId.OrNull());
}
