using System.Globalization;

namespace Koubou.AppHost.Planning;

/// <summary>Reads settings strictly: a word that is not allowed is named, never guessed at.</summary>
internal static class Setting
{
    /// <summary>The value of this name in any case; null when the setting is absent.</summary>
    public static T? ReadEnum<T>(string key, string? text)
        where T : struct, Enum
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var names = Enum.GetNames<T>();
        var name = names.FirstOrDefault(known => string.Equals(known, text.Trim(), StringComparison.OrdinalIgnoreCase));
        return name is not null
            ? Enum.Parse<T>(name)
            : throw new SettingException(key, text, string.Join(", ", names.Select(known => known.ToLowerInvariant())));
    }

    /// <summary>A whole number within bounds, or the default when the setting is absent.</summary>
    public static int ReadNumber(string key, string? text, int preset, int min, int max)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return preset;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max
            ? number
            : throw new SettingException(key, text, $"{min} to {max}");
    }
}
