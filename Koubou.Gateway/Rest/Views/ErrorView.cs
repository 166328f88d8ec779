using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Views;

/// <summary>Why a task or an attempt failed.</summary>
/// <param name="Code">A stable word for programs, such as <c>timeout</c>.</param>
/// <param name="Message">One sentence, with the command that mends it where there is one.</param>
/// <param name="Permanent">No retry can mend it.</param>
public sealed record ErrorView(string Code, string Message, bool Permanent)
{
    internal static ErrorView? Of(TaskError? error) =>
        error is null ? null : new ErrorView(error.Code, error.Message, error.Kind == FailureKind.Permanent);
}
