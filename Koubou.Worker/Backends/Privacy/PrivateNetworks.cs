using System.Net;

namespace Koubou.Worker.Backends.Privacy;

/// <summary>Reads <c>Koubou:Worker:PrivateNetworks</c>.</summary>
internal static class PrivateNetworks
{
    /// <summary>
    /// What private addresses are by RFC 1918 and RFC 4193. Link-local ones are not among them: clouds serve their
    /// machines' credentials there.
    /// </summary>
    public const string Default = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7";

    /// <summary>Sample: <c>192.168.7.0/24, fd12:3456::/32</c>. False when one of them is no network.</summary>
    public static bool TryParse(string text, out IReadOnlyList<IPNetwork> networks)
    {
        var parsed = new List<IPNetwork>();
        networks = parsed;
        foreach (var word in text.Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPNetwork.TryParse(word, out var network))
            {
                return false;
            }

            parsed.Add(network);
        }

        return true;
    }
}
