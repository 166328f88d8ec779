using System.Collections;
using System.Globalization;

namespace Koubou.ServiceDefaults.Settings;

/// <summary>Options as a person reads them: one name and value each, secrets hidden.</summary>
public static class EffectiveSettings
{
    // An options class within options, and one within that.
    private const int DepthMax = 3;

    /// <summary>The settings of one section, by name. Sample: <c>Queue:Lease:Duration = 00:00:30</c>.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(string section, object options) => Of(section, options, DepthMax);

    private static IEnumerable<KeyValuePair<string, string>> Of(string section, object options, int depth) =>
        options.GetType().GetProperties()
            .Where(property => property.GetMethod is { IsPublic: true, IsStatic: false } && property.GetIndexParameters().Length == 0)
            .SelectMany(property => Of($"{section}:{property.Name}", property.Name, property.GetValue(options), depth));

    private static IEnumerable<KeyValuePair<string, string>> Of(string path, string name, object? value, int depth) => value switch
    {
        // Agents by name: each is a section of its own.
        IDictionary pairs when pairs.Values.Cast<object>().Any(IsSection) =>
            pairs.Keys.Cast<object>().SelectMany(key => Of($"{path}:{key}", $"{key}", pairs[key], depth - 1)),
        not null when IsSection(value) && depth > 0 => Of(path, value, depth - 1),
        _ => [KeyValuePair.Create(path, Secrets.IsNamed(name) ? Hide(value) : Write(value))],
    };

    private static bool IsSection(object? value) =>
        value is not (null or string or IEnumerable or IFormattable or bool or Uri or Delegate);

    // A number or a time is no secret, whatever its name.
    private static string Hide(object? value) =>
        value is IFormattable or bool ? Write(value) : Write(value).Length == 0 ? "" : Secrets.Hidden;

    private static string Write(object? value) => value switch
    {
        null => "",
        string text => Secrets.Cover(text),
        Uri address => Secrets.Cover(address.ToString()),
        IDictionary pairs => string.Join(", ", pairs.Keys.Cast<object>()
            .Select(key => $"{key}={(Secrets.IsNamed($"{key}") ? Secrets.Hidden : Write(pairs[key]))}")),
        IEnumerable<string> words => string.Join(", ", Secrets.Cover(words)),
        IEnumerable items => string.Join(", ", items.Cast<object>().Select(Write)),
        TimeSpan { Milliseconds: not 0 } time => time.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0'),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Secrets.Cover($"{value}"),
    };
}
