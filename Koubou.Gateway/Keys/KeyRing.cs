using System.Security.Cryptography;
using System.Text;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Gateway.Keys;

/// <summary>The API keys of configuration. Empty: the doors are open, which only loopback may be.</summary>
internal sealed class KeyRing
{
    /// <summary>
    /// A list. Each entry is a key, or an object with <c>Name</c> and <c>Key</c>:
    /// <c>"ApiKeys": [{"Name": "ci", "Key": "at least 16 characters"}]</c>.
    /// </summary>
    public const string Section = "Koubou:Gateway:ApiKeys";

    public const int KeyLengthMin = 16;

    private readonly ApiKey[] _keys;

    private KeyRing(ApiKey[] keys) => _keys = keys;

    public bool IsEmpty => _keys.Length == 0;

    public static KeyRing Read(IConfiguration configuration)
    {
        var keys = configuration.GetSection(Section).GetChildren()
            .Select(entry => entry.GetChildren().Any()
                ? Create(entry.Path, entry["Name"], entry["Key"])
                : Create(entry.Path, $"key-{entry.Key}", entry.Value))
            .ToArray();

        var twice = keys.GroupBy(key => key.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? new KeyRing(keys)
            : throw new SettingException(
                $"{Section} has the name '{twice.Key}' more than once. Each key needs a name of its own, "
                + "because tasks are counted under it.");
    }

    /// <summary>The key's name, or null when it is not one of ours. Takes the same time whichever key matches.</summary>
    public string? NameOf(string presented)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(presented));
        string? name = null;
        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash))
            {
                name = key.Name;
            }
        }

        return name;
    }

    private static ApiKey Create(string path, string? name, string? key)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new SettingException($"{path}:Name is empty. Allowed: any word; tasks are counted under it.");
        }

        if (key is null || key.Length < KeyLengthMin)
        {
            throw new SettingException(
                $"{path} has {key?.Length ?? 0} characters. Allowed: at least {KeyLengthMin}, best made at random: "
                + "openssl rand -hex 24");
        }

        return new ApiKey(name.Trim(), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }
}
