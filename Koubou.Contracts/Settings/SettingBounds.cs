namespace Koubou.Contracts;

/// <summary>How much of its settings a node tells, and a scheduler keeps.</summary>
public static class SettingBounds
{
    public const int CountMax = 256;
    public const int NameMax = 256;
    public const int ValueMax = 1_024;

    /// <summary>The first of the settings, each cut to what may be told.</summary>
    public static IEnumerable<Setting> Bound(IEnumerable<Setting> settings) => settings.Take(CountMax).Select(setting => new Setting
    {
        Name = Cut(setting.Name, NameMax),
        Value = Cut(setting.Value, ValueMax),
        Service = Cut(setting.Service, NameMax),
        Node = Cut(setting.Node, NameMax),
    });

    private static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        // Never through the middle of a character.
        var end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return text[..end] + "…";
    }
}
