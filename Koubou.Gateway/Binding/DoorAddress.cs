using System.Net;

namespace Koubou.Gateway.Binding;

/// <summary>One address to listen on.</summary>
/// <param name="Door">What its root path serves.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">A host name, an IP address, or <c>*</c>.</param>
/// <param name="Port">0: any free one.</param>
internal sealed record DoorAddress(Door Door, string Scheme, string Host, int Port)
{
    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => IsLoopbackHost(Host);

    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    public override string ToString() => $"{Scheme}://{Host}:{Port}";
}
