using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>What a model does best after it saw a result, or only the state of one.</summary>
internal static class ResultNext
{
    public static string? Of(ResultView result)
    {
        if (!TaskStates.TryParse(result.State, out var state) || !state.IsFinal())
        {
            return "Not finished: call wait with this id.";
        }

        if (result.NextOffset is { } offset)
        {
            return $"This is a part of the answer: call get_result with offset {offset} for the next one.";
        }

        return state == TaskState.Succeeded ? null : "Call retry to put it back into the queue, once what failed is mended.";
    }
}
