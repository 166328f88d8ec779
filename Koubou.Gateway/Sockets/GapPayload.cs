namespace Koubou.Gateway.Sockets;

/// <summary>Updates were lost because they are older than what the log keeps.</summary>
internal sealed record GapPayload(string Hint)
{
    public static GapPayload Lost { get; } = new("Updates were lost. Read the tasks anew: GET /api/v1/tasks");
}
