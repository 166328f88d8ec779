using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Shares what one reply may carry among the results in it.</summary>
internal sealed class WaitBudget(int results)
{
    public const int ResultsShownMax = 25;
    public const int OpenShownMax = 25;

    // What a result costs beside its output: id, title, who answered.
    private const int Overhead = 300;

    private int _left = TextWeight.ReplyMax;
    private int _waiting = Math.Min(results, ResultsShownMax);

    /// <summary>The next result, with as much of its output as its share allows; what it leaves is the others'.</summary>
    public ResultView Digest(TaskRecord record)
    {
        var share = Math.Max(0, (_left / Math.Max(1, _waiting--)) - Overhead);
        var view = ResultView.Digest(record, share);
        _left -= Overhead + Math.Min(share, (view.Output?.Length ?? 0) * 3);
        return view;
    }
}
