namespace Koubou.AppHost.Planning;

/// <summary>A setting has a value that is not allowed. Sample: <c>Koubou:Profile is 'big'. Allowed: embedded, full.</c></summary>
internal sealed class SettingException(string key, string? value, string allowed)
    : Exception($"{key} is '{value}'. Allowed: {allowed}.");
