using Koubou.Gateway.Keys;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Gateway.Binding;

/// <summary>A door that others can reach needs a key.</summary>
internal static class OpenDoorPolicy
{
    public static void Check(DoorPlan plan, KeyRing keys)
    {
        var open = plan.Addresses.FirstOrDefault(address => !address.IsLoopback);
        if (open is not null && keys.IsEmpty)
        {
            throw new SettingException(
                $"The gateway would listen on {open}, where other machines can reach it, but {KeyRing.Section} is empty. "
                + $"Set an API key of at least {KeyRing.KeyLengthMin} characters, for example the environment variable "
                + $"Koubou__Gateway__ApiKeys__0, or stay on this machine with {DoorPlan.BindKey}=localhost.");
        }
    }
}
