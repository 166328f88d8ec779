using System.Security.Cryptography;
using System.Text;
using Koubou.Contracts;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Dispatch;

/// <summary>Looks at a node's hello before the node may join.</summary>
internal sealed class NodeDoor(IOptions<NodeOptions> options)
{
    private const int IdMax = 128;

    /// <summary>No node may offer more slots.</summary>
    public const int SlotsMax = 1_024;


    private readonly byte[] _joinKeyHash = Hash(options.Value.JoinKey);
    private readonly bool _needsKey = options.Value.JoinKey.Length > 0;

    /// <summary>Whether the node shows the key that this scheduler asks for.</summary>
    public bool Knows(Hello hello) => Knows(hello.JoinKey);

    /// <summary>Whether this is the key that this scheduler asks for.</summary>
    public bool Knows(string joinKey) =>
        !_needsKey || CryptographicOperations.FixedTimeEquals(_joinKeyHash, Hash(joinKey));

    /// <summary>What is wrong with a hello, or null.</summary>
    public static string? FindFault(Hello? hello)
    {
        if (hello is null)
        {
            return "The first message of a worker node must be its hello.";
        }

        if (hello.NodeId.Length is 0 or > IdMax || hello.NodeId.Any(char.IsControl))
        {
            return $"A node id has 1 to {IdMax} printable characters.";
        }

        return hello.Offer is { SlotsMax: >= 1 and <= SlotsMax } ? null : $"A node offers 1 to {SlotsMax} slots.";
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
