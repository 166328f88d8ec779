using System.Security.Cryptography;
using System.Text;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// The server-side functions. The library is named after its content, so that schedulers of two versions can work side
/// by side during an update.
/// </summary>
internal static class RedisLibrary
{
    private const string NamePlaceholder = "@LIBRARY@";

    /// <summary>Sample: <c>koubou_1f3a9c20</c>.</summary>
    public static string Name { get; }

    public static string Source { get; }

    static RedisLibrary()
    {
        using var stream = typeof(RedisLibrary).Assembly.GetManifestResourceStream("koubou.lua")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var source = reader.ReadToEnd();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(source));
        Name = "koubou_" + Convert.ToHexStringLower(hash.AsSpan(0, 4));
        Source = source.Replace(NamePlaceholder, Name, StringComparison.Ordinal);
    }
}
