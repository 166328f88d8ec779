using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Koubou.ServiceDefaults.Keys;

/// <summary>
/// A key as its owner holds it: <c>kb_ID_SECRET</c>. The prefix lets scanners find it where it should not be. The secret
/// has 256 random bits, so a plain SHA-256 keeps it: nobody can guess what a slow hash would protect.
/// </summary>
public static class KeyText
{
    public const string Prefix = "kb_";

    private const string IdLetters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int IdLength = 10;
    private const int SecretBytes = 32;

    /// <summary>A new key: its id, the text for its owner, and what is kept of it.</summary>
    public static (string Id, string Text, string Hash) Create()
    {
        var id = RandomNumberGenerator.GetString(IdLetters, IdLength);
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (id, $"{Prefix}{id}_{secret}", Convert.ToHexStringLower(Hash(secret)));
    }

    /// <summary>Takes a key apart; false when it has another shape.</summary>
    public static bool TryParse(string text, out string id, out string secret)
    {
        (id, secret) = ("", "");
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var end = text.IndexOf('_', Prefix.Length);
        if (end <= Prefix.Length || end == text.Length - 1)
        {
            return false;
        }

        (id, secret) = (text[Prefix.Length..end], text[(end + 1)..]);
        return true;
    }

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
