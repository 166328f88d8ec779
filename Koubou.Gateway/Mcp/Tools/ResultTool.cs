using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Resources;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Rest;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Reads one result: whole if it is short, else a digest first and then by parts.</summary>
internal sealed class ResultTool(TaskLookup lookup, McpCaller callers, UnreadResults unread)
    : WorkshopTool<GotResult>(Face, ReplyJson.Relaxed.GotResult, callers, unread)
{
    private const string Id = "id";
    private const string Offset = "offset";
    private const int CharactersMax = 60_000;

    private static readonly ToolFace Face = new()
    {
        Name = "get_result",
        Title = "Get a result",
        Description = """
            Reads the result of one task: the whole answer where it is short, else its beginning and where to go on.
            For the rest of a long answer call again with offset set to next_offset; each part stays below 10,000
            tokens. Ask only for the parts that you need: the resource link names the whole answer for programs.
            A failed task says why and what mends it. Says so, and waits for nothing, when the task is not finished.
            """,
        Arguments = ToolSchemas.Arguments(
            [
                ToolSchemas.Text(Id, "The task's id."),
                ToolSchemas.WholeNumber(
                    Offset, "Read from this character of the answer on: next_offset of the part before.", 0, int.MaxValue),
            ],
            Id),
        IsReadOnly = true,
        AlwaysLoad = true,
        ResultCharactersMax = CharactersMax,
    };

    /// <inheritdoc/>
    protected override async ValueTask<ToolOutcome<GotResult>> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var id = call.Arguments.RequiredText(Id);
        var offset = call.Arguments.WholeNumber(Offset, preset: -1, min: 0, max: int.MaxValue);
        if (call.Arguments.Faults.Any)
        {
            return McpProblems.InvalidArguments(call.Arguments.Faults);
        }

        if (await lookup.GetAsync(id, includeOutput: true, cancellationToken) is not { } record)
        {
            return McpProblems.UnknownTask(id);
        }

        var result = offset < 0
            ? ResultView.Digest(record, TextWeight.ReplyMax)
            : ResultView.Part(record, offset, TextWeight.ReplyMax);
        call.Shown.Add(id);
        MarkRead(call, [result], cancellationToken);
        return new ToolOutcome<GotResult>(
            new GotResult(result, ResultNext.Of(result)), null, result.OutputLength > 0 && !result.IsWhole ? Link(result) : null);
    }

    private static ResourceLinkBlock Link(ResultView result) => new()
    {
        Uri = TaskUris.Output(result.Id),
        Name = result.Id,
        Title = result.Title,
        Description = "The whole answer.",
        MimeType = "text/plain",
    };
}
