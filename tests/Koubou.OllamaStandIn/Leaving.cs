namespace Koubou.OllamaStandIn;

/// <summary>Does something when it is disposed.</summary>
internal sealed class Leaving(Action leave) : IDisposable
{
    public void Dispose() => leave();
}
