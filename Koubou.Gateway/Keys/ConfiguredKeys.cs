using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Keys;

/// <summary>
/// The keys of configuration. Each entry of the list is a key, or an object:
/// <c>"ApiKeys": [{"Name": "ci", "Key": "at least 16 characters", "Scopes": "submit read", "RequestsPerMinute": 600}]</c>.
/// Without <c>Scopes</c> a key may submit, read and administer.
/// </summary>
internal static class ConfiguredKeys
{
    public const string Section = "Koubou:Gateway:ApiKeys";
    public const int KeyLengthMin = 16;

    private const KeyScopes ScopesPreset = KeyScopes.Submit | KeyScopes.Read | KeyScopes.Admin;

    public static IReadOnlyList<HeldKey> Read(IConfiguration configuration)
    {
        var keys = configuration.GetSection(Section).GetChildren()
            .Select(entry => entry.GetChildren().Any()
                ? Create(entry.Path, entry["Name"], entry["Key"], ReadRights(entry))
                : Create(entry.Path, $"key-{entry.Key}", entry.Value, new KeyRights { Scopes = ScopesPreset }))
            .ToArray();

        var twice = keys.GroupBy(key => key.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? keys
            : throw new SettingException(
                $"{Section} has the name '{twice.Key}' more than once. Each key needs a name of its own, "
                + "because tasks are counted under it.");
    }

    private static KeyRights ReadRights(IConfigurationSection entry)
    {
        var scopes = ScopesPreset;
        if (entry["Scopes"] is { Length: > 0 } words
            && !KeyScopeWords.TryParse(words.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries), out scopes, out var unknown))
        {
            throw new SettingException(
                $"{entry.Path}:Scopes has '{unknown}'. Allowed: {string.Join(", ", KeyScopeWords.All)}, separated by blanks.");
        }

        var rights = new KeyRights
        {
            Scopes = scopes,
            RequestsPerMinute = entry.GetValue(nameof(KeyRights.RequestsPerMinute), 0),
            ConcurrencyMax = entry.GetValue(nameof(KeyRights.ConcurrencyMax), 0),
            LiveTasksMax = entry.GetValue(nameof(KeyRights.LiveTasksMax), 0L),
            PriorityMax = entry.GetValue(nameof(KeyRights.PriorityMax), 0),
            ExpiresAt = entry.GetValue<DateTimeOffset?>(nameof(KeyRights.ExpiresAt)),
        };
        var faults = rights.FindFaults().Select(fault => $"{fault.Field} {fault.Fault}").ToList();
        return faults.Count == 0 ? rights : throw new SettingException($"{entry.Path}: {string.Join("; ", faults)}.");
    }

    private static HeldKey Create(string path, string? name, string? key, KeyRights rights)
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

        return new HeldKey($"config:{name.Trim()}", name.Trim(), KeyText.Hash(key), rights, null);
    }
}
