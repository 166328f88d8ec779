using System.Text;
using Koubou.Gateway.Errors;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>A problem, told to a model: what is wrong, field by field, and what to do next.</summary>
internal static class ToolRefusal
{
    public static CallToolResult Of(Problem problem) => new()
    {
        IsError = true,
        Content = [new TextContentBlock { Text = Explain(problem) }],
    };

    /// <summary>Sample: <c>The request has faults. 1 fault, in priority.⏎- priority: must be …⏎Next: Mend …</c>.</summary>
    public static string Explain(Problem problem)
    {
        var text = new StringBuilder(problem.Title).Append(' ').Append(problem.Detail);
        foreach (var (field, sentences) in problem.Errors ?? new Dictionary<string, string[]>())
        {
            text.Append("\n- ").Append(field).Append(": ").AppendJoin("; ", sentences);
        }

        if (problem.Hint is { } hint)
        {
            text.Append("\nNext: ").Append(hint);
        }

        return text.ToString();
    }
}
