using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Koubou.LocalHosting.Servers;

/// <summary>
/// A server that somebody else runs. Where Aspire would start a container, a machine without Aspire brings its own server:
/// its address comes from <c>ConnectionStrings:{name}</c>, else it is the server's usual one.
/// </summary>
internal sealed class ExistingServer(string name, Func<string?> read) : Resource(name), IResourceWithConnectionString
{
    public string GetConnectionString() => read() ?? throw new DistributedApplicationException(
        $"{Name} has no address: set ConnectionStrings:{Name} (environment variable ConnectionStrings__{Name}).");
}
