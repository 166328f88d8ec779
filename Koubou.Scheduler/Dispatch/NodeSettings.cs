using Koubou.Contracts;
using Koubou.ServiceDefaults.Settings;

namespace Koubou.Scheduler.Dispatch;

/// <summary>What a node said it runs with.</summary>
internal static class NodeSettings
{
    // More than is kept, so that nothing is cut in the middle of what must be covered.
    private const int ReadMax = 4 * SettingBounds.ValueMax;

    /// <summary>
    /// The settings of a hello, bounded and under the node's name. The node hides its secrets before it speaks; what a
    /// foreign one forgot is hidden here.
    /// </summary>
    public static IReadOnlyList<Setting> Of(Hello hello) =>
    [
        .. SettingBounds.Bound(hello.Settings.Take(SettingBounds.CountMax).Select(setting => new Setting
        {
            Name = setting.Name,
            Value = Cover(setting),
            Service = "worker",
            Node = hello.NodeId,
        })),
    ];

    // Numbers and times under such names are none: "Koubou:Backends:big:OutputTokensMax", say.
    private static string Cover(Setting setting) =>
        setting.Value.Length > 0 && Secrets.IsNamed(LastWord(setting.Name)) && !setting.Value.All(char.IsAsciiDigit)
            ? Secrets.Hidden
            : Secrets.Cover(setting.Value.Length <= ReadMax ? setting.Value : setting.Value[..ReadMax]);

    private static string LastWord(string name) => name[(name.LastIndexOf(':') + 1)..];
}
