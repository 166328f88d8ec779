using Koubou.Contracts;

namespace Koubou.Web.Pages.Settings;

/// <summary>A setting as the gateway tells it to the reader's browser, which alone has the reader's key.</summary>
public sealed record GatewaySetting(string Name, string Value)
{
    public Setting ToSetting() => new() { Name = Name, Value = Value, Service = "gateway" };
}
