using System.CommandLine;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary><c>koubou cancel</c>: ends tasks, waiting or running.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var ids = ChangeCommand.CreateIds();
        return new Command(
            "cancel",
            "Cancel tasks; running work is ended on its worker node. A whole batch: koubou batch cancel.") { ids }
            .Speaks((session, cancellationToken) =>
                ChangeCommand.RunAsync(session, session.Value(ids)!, "tasks/cancel", "cancelled", cancellationToken));
    }
}
