using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>The effective settings; secrets are hidden.</summary>
public sealed record SettingsView(IReadOnlyList<SettingView> Settings)
{
    internal static SettingsView Of(IEnumerable<Setting> settings) => new(
        [.. settings.Select(setting => new SettingView(setting.Name, setting.Value, setting.Service, setting.Node.OrNull()))]);
}

/// <summary>One setting, the service it holds for, and the worker node where it is a node's.</summary>
public sealed record SettingView(string Name, string Value, string Service, string? Node);
