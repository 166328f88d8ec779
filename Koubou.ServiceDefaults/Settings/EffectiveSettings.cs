using System.Collections;
using System.Globalization;

namespace Koubou.ServiceDefaults.Settings;

/// <summary>Options as a person reads them: one name and value each, secrets hidden.</summary>
public static class EffectiveSettings
{
    /// <summary>What stands for a secret that is set.</summary>
    public const string Hidden = "•••";

    private static readonly string[] SecretWords = ["key", "secret", "password", "token", "credential"];

    /// <summary>The settings of one section, by name. Sample: <c>Queue:Lease:Duration = 00:00:30</c>.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(string section, object options)
    {
        foreach (var property in options.GetType().GetProperties().Where(property => property.GetMethod is { IsPublic: true, IsStatic: false }))
        {
            var name = $"{section}:{property.Name}";
            var value = property.GetValue(options);
            yield return KeyValuePair.Create(name, IsSecret(property.Name) ? Hide(value) : Write(value));
        }
    }

    private static bool IsSecret(string name) =>
        SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string Hide(object? value) => Write(value).Length == 0 ? "" : Hidden;

    private static string Write(object? value) => value switch
    {
        null => "",
        string text => text,
        IDictionary pairs => string.Join(", ", pairs.Keys.Cast<object>().Select(key => IsSecret($"{key}") ? $"{key}={Hidden}" : $"{key}={pairs[key]}")),
        IEnumerable items => string.Join(", ", items.Cast<object>()),
        TimeSpan { Milliseconds: not 0 } time => time.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0'),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
