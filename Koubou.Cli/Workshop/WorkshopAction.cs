using System.CommandLine;
using Koubou.Cli.Terminal;

namespace Koubou.Cli.Workshop;

/// <summary>What all commands that speak to the workshop have in common: address, JSON, and how faults are told.</summary>
internal static class WorkshopAction
{
    /// <summary>Adds <c>--url</c> and <c>--json</c>, and runs the action with a client for that address.</summary>
    public static Command Speaks(this Command command, Func<Session, CancellationToken, Task<int>> act)
    {
        var url = GatewayAddress.CreateOption();
        var json = new Option<bool>("--json") { Description = "Print what the workshop answers, as JSON." };
        command.Add(json);
        command.Add(url);
        command.SetAction((parsed, cancellationToken) => FaultEdge.TellAsync(
            parsed,
            async () =>
            {
                using var gateway = new GatewayClient(parsed.GetValue(url)!);
                return await act(new Session(parsed, gateway, Surface.Of(parsed), parsed.GetValue(json)), cancellationToken);
            },
            cancellationToken));
        return command;
    }
}
