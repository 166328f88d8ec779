using Koubou.Contracts;

namespace Koubou.Gateway.Mcp.Unread;

/// <summary>Somebody in this server who acts on changes of tasks. Returns at once.</summary>
internal interface IChangeListener
{
    void Hear(TaskEvent change);

    /// <summary>Changes may have been missed: look at what matters anew.</summary>
    Task LookAnewAsync(CancellationToken cancellationToken);
}
