namespace Koubou.Gateway.GraphQL.Streams;

/// <summary>
/// Lets one item of a subscription through at a time: the next leaves the log only when the one before has left the
/// socket. A slow reader is therefore buffered by the log, not by memory.
/// </summary>
internal sealed class Pace : IDisposable
{
    /// <summary>Where the executor finds the pace of the operation that it runs.</summary>
    public const string Key = "pace";

    private readonly SemaphoreSlim _turn = new(1, 1);

    public Task WaitAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

    /// <summary>The item has left.</summary>
    public void Sent() => _turn.Release();

    public void Dispose() => _turn.Dispose();
}
