using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>The effective settings; secrets are hidden.</summary>
public sealed record SettingsView(IReadOnlyList<SettingView> Settings)
{
    internal static SettingsView Of(SettingsReply reply) => new(
        [.. reply.Settings.Select(setting => new SettingView(setting.Name, setting.Value, setting.Service))]);
}

/// <summary>One setting and the service it holds for.</summary>
public sealed record SettingView(string Name, string Value, string Service);
