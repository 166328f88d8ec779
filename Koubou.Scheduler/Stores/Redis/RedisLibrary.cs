using System.Security.Cryptography;
using System.Text;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// The server-side functions: the files of <c>Functions</c> in the order of their names, as one library. It is named after its
/// content, so that schedulers of two versions can work side by side during an update.
/// </summary>
internal static class RedisLibrary
{
    private const string NamePlaceholder = "@LIBRARY@";
    private const string Folder = "Functions/";

    /// <summary>Sample: <c>koubou_1f3a9c20</c>.</summary>
    public static string Name { get; }

    public static string Source { get; }

    static RedisLibrary()
    {
        var assembly = typeof(RedisLibrary).Assembly;
        var parts = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        var source = string.Join('\n', parts.Select(Read));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(source));
        Name = "koubou_" + Convert.ToHexStringLower(hash.AsSpan(0, 4));
        Source = source.Replace(NamePlaceholder, Name, StringComparison.Ordinal);
    }

    private static string Read(string part)
    {
        using var reader = new StreamReader(typeof(RedisLibrary).Assembly.GetManifestResourceStream(part)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
