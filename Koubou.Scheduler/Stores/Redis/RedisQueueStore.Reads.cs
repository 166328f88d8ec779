using System.Globalization;
using Koubou.Contracts;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

internal sealed partial class RedisQueueStore
{
    private const int BatchPageDefault = 50;

    public async Task<TaskRecord?> GetAsync(string id, bool includeOutput, CancellationToken cancellation)
    {
        if (!Tasks.TaskId.TryParse(id, out var parsed))
        {
            return null;
        }

        var rows = (RedisResult[])(await _connection.CallAsync("get", [0, includeOutput, parsed.ToString()]))!;
        return rows.Length == 0 ? null : RedisRows.ReadRecord(rows[0]);
    }

    public Task<ListReply> ListAsync(ListRequest request, CancellationToken cancellation) =>
        new RedisListing(_connection, request).ReadAsync(cancellation);

    public async Task<IReadOnlyDictionary<TaskState, long>> CountAsync(CancellationToken cancellation)
    {
        var counts = await ReadCountsAsync("cnt");
        return TaskStates.All.ToDictionary(
            state => state,
            state => counts.GetValueOrDefault(((int)state).ToString(CultureInfo.InvariantCulture)));
    }

    public async Task<IReadOnlyList<WaitingCount>> CountWaitingAsync(CancellationToken cancellation)
    {
        var counts = await ReadCountsAsync("wt");
        var queued = await ReadCountsAsync("wq");
        return [.. counts
            .Select(pair => (Parts: pair.Key.Split('\0'), Count: pair.Value, Queued: queued.GetValueOrDefault(pair.Key)))
            .Select(each => new WaitingCount
            {
                Type = each.Parts[0],
                Priority = int.Parse(each.Parts[1], CultureInfo.InvariantCulture),
                Count = each.Count,
                Queued = each.Queued,
            })
            .OrderBy(each => each.Type, StringComparer.Ordinal).ThenByDescending(each => each.Priority)];
    }

    public async Task<long> CountLiveAsync(string client, CancellationToken cancellation)
    {
        var count = await _connection.RunAsync(database => database.HashGetAsync(_connection.Root.Append("cl"), client));
        return count.IsNull ? 0 : (long)count;
    }

    public async Task<ListBatchesReply> ListBatchesAsync(ListBatchesRequest request, CancellationToken cancellation)
    {
        // A token counts what was shown. A batch that comes in meanwhile pushes one onto the next page a second time.
        var pageSize = request.PageSize == 0 ? BatchPageDefault : request.PageSize;
        var skip = request.PageToken.Length == 0 ? 0 : long.Parse(request.PageToken, CultureInfo.InvariantCulture);
        var rows = (RedisResult[])(await _connection.CallAsync("batches", [pageSize + 1, skip]))!;
        var reply = new ListBatchesReply();
        foreach (var pair in rows.Chunk(2).Take(pageSize))
        {
            reply.Batches.Add(RedisRows.ReadBatch((string)pair[0]!, pair[1]));
        }

        if (rows.Length > 2 * pageSize)
        {
            reply.NextPageToken = (skip + pageSize).ToString(CultureInfo.InvariantCulture);
        }

        return reply;
    }

    public async Task<Batch?> GetBatchAsync(string id, CancellationToken cancellation)
    {
        var row = await _connection.RunAsync(database =>
            database.ExecuteAsync("HGETALL", _connection.Root.Append("b:" + id)));
        return ((RedisResult[])row!).Length == 0 ? null : RedisRows.ReadBatch(id, row);
    }

    public async Task<DataPolicy?> FindBatchPolicyAsync(string id, CancellationToken cancellation)
    {
        var policy = await _connection.RunAsync(database =>
            database.HashGetAsync(_connection.Root.Append("b:" + id), "pl"));
        return policy.IsNull ? null : (DataPolicy)(int)policy;
    }

    private async Task<Dictionary<string, long>> ReadCountsAsync(string hash)
    {
        var entries = await _connection.RunAsync(database => database.HashGetAllAsync(_connection.Root.Append(hash)));
        return entries.ToDictionary(entry => (string)entry.Name!, entry => (long)entry.Value, StringComparer.Ordinal);
    }
}
