using System.Net;

namespace Koubou.Worker.Backends.Privacy;

/// <summary>Finds the addresses of a name.</summary>
internal interface IHostResolver
{
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
