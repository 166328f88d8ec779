using Koubou.Gateway.Keys;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Gateway.Binding;

/// <summary>A door that others can reach needs a key.</summary>
internal static class OpenDoorPolicy
{
    /// <param name="plan">Where the gateway would listen.</param>
    /// <param name="keys">How many keys there are.</param>
    public static void Check(DoorPlan plan, int keys)
    {
        var open = plan.Addresses.FirstOrDefault(address => !address.IsLoopback);
        if (open is not null && keys == 0)
        {
            throw new SettingException(
                $"The gateway would listen on {open}, where other machines can reach it, but {ConfiguredKeys.Section} is empty "
                + "and the home holds no key. Make a key with `koubou keys add NAME`, or set one of at least "
                + $"{ConfiguredKeys.KeyLengthMin} characters in the environment variable Koubou__Gateway__ApiKeys__0, "
                + $"or stay on this machine with {DoorPlan.BindKey}=localhost.");
        }
    }
}
