using System.Text.Json;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Rest.Native.Keys;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Keys;

/// <summary>Makes, lists and revokes the keys of the home's file, for every door that administers.</summary>
internal sealed class KeyDesk(KeyFile file, KeyRing keys, TimeProvider time)
{
    /// <summary>Every key, without the keys themselves.</summary>
    public IReadOnlyList<KeyView> List()
    {
        keys.Refresh();
        return [.. keys.All.Select(KeyView.Of)];
    }

    /// <summary>The new key, with its text; or every fault of the wish.</summary>
    public async Task<(KeyView? Key, Problem? Problem)> AddAsync(JsonElement wish, CancellationToken cancellationToken)
    {
        var faults = new FaultList();
        var (name, rights) = KeyRequestReader.Read(wish, time.GetUtcNow(), faults);
        if (keys.All.Any(key => key.Name.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase)))
        {
            faults.Add("name", "belongs to another key; tasks are counted under it");
        }

        if (faults.Any)
        {
            return (null, Problems.InvalidRequest(faults));
        }

        try
        {
            var (key, text) = await file.AddAsync(name, rights, cancellationToken);
            keys.Refresh();
            return (KeyView.Of(key) with { Key = text }, null);
        }
        catch (SettingException taken)
        {
            return (null, Problems.InvalidField("name", taken.Message));
        }
    }

    /// <summary>Null when the key is gone, else why it is not.</summary>
    public async Task<Problem?> RevokeAsync(string id, CancellationToken cancellationToken)
    {
        if (keys.All.Any(key => key.Id == id && key.CreatedAt is null))
        {
            return Problems.Conflict(
                $"The key '{Problems.Shorten(id)}' stands in configuration.",
                $"Remove it from {ConfiguredKeys.Section} and restart the gateway.");
        }

        // By its id alone: a name may come to belong to another key between a look at the list and this call.
        if (keys.All.FirstOrDefault(key => key.Id == id) is null || await file.RevokeAsync(id, cancellationToken) is null)
        {
            return Problems.UnknownKey(id);
        }

        keys.Refresh();
        return null;
    }
}
