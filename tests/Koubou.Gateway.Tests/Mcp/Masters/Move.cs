namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>What the model behind a master does next.</summary>
internal abstract record Move
{
    /// <summary>Calls a tool of the workshop.</summary>
    /// <param name="Tool">Its name at the workshop.</param>
    /// <param name="Arguments">In JSON.</param>
    public sealed record Call(string Tool, string Arguments) : Move;

    /// <summary>Ends its turn with these words.</summary>
    public sealed record Say(string Words) : Move;
}
