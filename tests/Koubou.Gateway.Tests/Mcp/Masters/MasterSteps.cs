using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>Short words for a craftsman who works while a master waits.</summary>
internal static class MasterSteps
{
    /// <summary>The next task, unless the master ends before it has delegated one.</summary>
    public static async Task<Assignment> TakeAsync(this ScriptedNode node, Task asking)
    {
        var taking = node.TakeAsync();
        if (await Task.WhenAny(taking, asking) == asking && !taking.IsCompleted)
        {
            await asking;
            throw new InvalidOperationException("The master ended before it delegated.");
        }

        return await taking;
    }
}
