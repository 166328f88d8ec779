using System.Globalization;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// The lanes that the server knows, by their numbers: what fits a node is decided here, where its offer is. Only a copy: a
/// lease that names an old one is answered with the new one.
/// </summary>
internal sealed class RedisLanes
{
    // Replaced whole.
    private volatile Known _known = new("0", []);

    /// <summary>How many lanes this copy holds, as the server spells it.</summary>
    public string Version => _known.Version;

    /// <summary>The numbers of the lanes that pass, with commas between.</summary>
    public string Select(Func<LaneKey, bool> passes) =>
        string.Join(',', _known.Lanes.Where(lane => passes(lane.Key)).Select(lane => lane.Number));

    /// <summary>Takes what the server answered: number and lane in turn.</summary>
    public void Replace(string version, RedisResult[] pairs)
    {
        var lanes = new (long Number, LaneKey Key)[pairs.Length / 2];
        for (var index = 0; index < lanes.Length; index++)
        {
            lanes[index] = (
                long.Parse((string)pairs[2 * index]!, CultureInfo.InvariantCulture),
                RedisValues.ReadLane(pairs[(2 * index) + 1]));
        }

        _known = new Known(version, lanes);
    }

    private sealed record Known(string Version, (long Number, LaneKey Key)[] Lanes);
}
