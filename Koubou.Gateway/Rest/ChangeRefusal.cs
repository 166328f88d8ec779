using Koubou.Contracts;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.Rest;

/// <summary>Why a change of one task did not happen, in the same words at every door.</summary>
internal static class ChangeRefusal
{
    public const string Cancel = "be cancelled";
    public const string Retry = "be put back";
    public const string Delete = "be deleted";

    /// <summary>The problem, or null when the change happened.</summary>
    public static Problem? Of(ChangeResult result, string verb) => result.Outcome switch
    {
        ChangeOutcome.UnknownId => Problems.UnknownTask(result.Id),
        ChangeOutcome.WrongState => Problems.WrongState(result.Id, result.State, verb),
        _ => null,
    };
}
