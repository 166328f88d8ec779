using Koubou.Contracts;
using Koubou.ServiceDefaults.Settings;

namespace Koubou.Web.Pages.Settings;

/// <summary>The dashboard's own effective settings.</summary>
public sealed class WebSettings(ServiceSettings settings)
{
    public IEnumerable<Setting> All() =>
        settings.All().Select(setting => new Setting { Name = setting.Key, Value = setting.Value, Service = "web" });
}
