using Koubou.Contracts;
using Koubou.Gateway.Binding;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Proxy;
using Koubou.ServiceDefaults.Keys;
using Koubou.ServiceDefaults.Settings;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>What this gateway runs with; of keys only the names and what they grant.</summary>
internal sealed class GatewaySettings(ServiceSettings own, DoorPlan doors, KeyRing keys, IConfiguration configuration)
{
    public IEnumerable<Setting> All() =>
    [
        Of("Doors", string.Join(", ", doors.Addresses)),
        Of("Keys", string.Join(", ", keys.All.Select(key => $"{key.Name} ({string.Join(' ', key.Rights.Scopes.ToWords())})"))),
        Of(DashboardProxy.AddressKey, Secrets.Cover(configuration[DashboardProxy.AddressKey] ?? DashboardProxy.AddressDefault)),
        .. own.All().Select(setting => Of(setting.Key, setting.Value)),
    ];

    private static Setting Of(string name, string value) => new() { Name = name, Value = value, Service = "gateway" };
}
