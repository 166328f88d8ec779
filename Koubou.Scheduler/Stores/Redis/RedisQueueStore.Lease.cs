using System.Collections.Concurrent;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

internal sealed partial class RedisQueueStore
{
    // A wish whose answer was lost, by node. The next wish carries its name, and gets the same tasks.
    private readonly ConcurrentDictionary<string, string> _lostWishes = new(StringComparer.Ordinal);

    public async ValueTask<IReadOnlyList<LeasedTask>> LeaseAsync(LeaseRequest request, CancellationToken cancellation)
    {
        if (!_lostWishes.TryRemove(request.Node, out var wish))
        {
            wish = Guid.NewGuid().ToString("N");
        }

        try
        {
            while (true)
            {
                var answer = (RedisResult[])(await _connection.CallAsync("lease", Arguments(request, wish)))!;
                if ((string)answer[0]! != "lanes")
                {
                    await KnowAsync(answer[0]);
                    return ReadLeased(answer);
                }

                _lanes.Replace((string)answer[1]!, (RedisResult[])answer[2]!);
            }
        }
        catch (StoreUnusableException)
        {
            _lostWishes[request.Node] = wish;
            throw;
        }
    }

    public async ValueTask<IReadOnlyList<LeaseKey>> RenewAsync(
        IReadOnlyList<LeaseKey> leases, CancellationToken cancellation)
    {
        if (leases.Count == 0)
        {
            return [];
        }

        var arguments = new List<RedisValue>(2 + (2 * leases.Count)) { Now, (long)_leaseOptions.Duration.TotalMilliseconds };
        foreach (var lease in leases)
        {
            arguments.Add(Normal(lease.TaskId));
            arguments.Add(RedisValues.Write(lease.Token));
        }

        var invalid = (RedisResult[])(await _connection.CallAsync("renew", arguments))!;
        return [.. invalid.Select(place => leases[(int)place])];
    }

    public async ValueTask<IReadOnlyList<LeaseKey>> ListLeasesAsync(string node, CancellationToken cancellation)
    {
        var answer = (RedisResult[])(await _connection.CallAsync("leases", [node]))!;
        return [.. answer.Chunk(2).Select(pair => new LeaseKey((string)pair[0]!, RedisValues.ReadToken(pair[1])))];
    }

    private List<RedisValue> Arguments(LeaseRequest request, string wish)
    {
        var arguments = new List<RedisValue>(11 + request.Count)
        {
            Now,
            (long)_leaseOptions.Duration.TotalMilliseconds,
            (long)_orderOptions.AgeingStep.TotalMilliseconds,
            (long)_orderOptions.AffinityDelay.TotalMilliseconds,
            request.Node,
            wish,
            _lanes.Version,
            request.Count,
            _lanes.Select(request.Fits),
            request.Holds is null ? "any" : _lanes.Select(request.Holds),
            request.HeldSince.ToUnixTimeMilliseconds(),
        };
        for (var index = 0; index < request.Count; index++)
        {
            arguments.Add(RedisValues.Write(NewToken()));
        }

        return arguments;
    }

    private static LeasedTask[] ReadLeased(RedisResult[] answer)
    {
        var leased = new LeasedTask[(answer.Length - 1) / 4];
        for (var index = 0; index < leased.Length; index++)
        {
            var at = 1 + (4 * index);
            var id = (string)answer[at]!;
            leased[index] = new LeasedTask(
                new LeaseKey(id, RedisValues.ReadToken(answer[at + 1])),
                (int)answer[at + 2],
                RedisValues.ReadSpec(answer[at + 3]),
                Tasks.TaskId.Parse(id).CreatedAt);
        }

        return leased;
    }

    // Never of a seeded source: a scheduler that restarts must not give a token out twice.
    private static ulong NewToken()
    {
        ulong token;
        do
        {
            token = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        }
        while (token == 0);

        return token;
    }

    // Ids are taken in any notation of a UUID; the server knows one. What is none stays, and is found nowhere.
    private static string Normal(string id) => Tasks.TaskId.TryParse(id, out var parsed) ? parsed.ToString() : "none";
}
