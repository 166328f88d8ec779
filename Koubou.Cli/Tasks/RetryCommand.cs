using System.CommandLine;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary><c>koubou retry</c>: puts finished tasks back.</summary>
internal static class RetryCommand
{
    public static Command Create()
    {
        var ids = ChangeCommand.CreateIds();
        return new Command(
            "retry",
            "Put failed, cancelled or expired tasks back into the queue with fresh attempts.") { ids }
            .Speaks((session, cancellationToken) =>
                ChangeCommand.RunAsync(session, session.Value(ids)!, "tasks/retry", "put back", cancellationToken));
    }
}
