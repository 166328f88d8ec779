using System.Collections.Concurrent;
using System.Text.Json;
using Google.Protobuf;
using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Output;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Redis;
using StackExchange.Redis;

namespace Koubou.Scheduler.Peers;

/// <summary>
/// Schedulers that share a queue in Redis: each keeps a list of its nodes there, with an expiry, and speaks on a channel.
/// </summary>
internal sealed partial class RedisPeers(
    RedisQueueStore store, NodeRegistry nodes, OutputBoard board, TimeProvider time, ILogger<RedisPeers> logger)
    : BackgroundService, IPeers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A scheduler that is killed is forgotten after this.
    private static readonly TimeSpan Expiry = TimeSpan.FromSeconds(5);

    // Told once, when the node joins; outlasts a pause in which nobody could renew it.
    private static readonly TimeSpan SettingsExpiry = TimeSpan.FromMinutes(5);

    private readonly string _id = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<string, int> _watched = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _wanted = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<WorkerNode> _others = [];

    // A node that has just come over is still told by the scheduler that it left.
    public IReadOnlyList<WorkerNode> Nodes => [.. _others.Where(node => nodes.Find(node.Id) is null)];

    private RedisConnection Connection => store.Connection;

    private RedisChannel Channel => RedisChannel.Literal(Connection.Root.ToString() + "peers");

    private RedisKey Schedulers => Connection.Root.Append("schedulers");

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // In order: pieces of an answer follow each other.
        var told = await Connection.Subscriber.SubscribeAsync(Channel);
        told.OnMessage(message => Hear(message.Message));
        await ExchangeAsync();
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Connection.RunAsync(database => database.SortedSetRemoveAsync(Schedulers, _id));
            Send(new PeerMessage(PeerMessageKind.Nodes, _id));
        }
        catch (StoreUnusableException)
        {
            // It expires.
        }
    }

    public async ValueTask<bool> TryClaimAsync(NodeSession session)
    {
        var key = NodeKey(session);
        var mine = Claim(session);
        if (!await Connection.RunAsync(database => database.StringSetAsync(key, mine, Expiry, When.NotExists)))
        {
            var holder = (string?)await Connection.RunAsync(database => database.StringGetAsync(key));
            if (holder is not null && ProcessOf(holder) != ProcessOf(mine))
            {
                return false;
            }

            await Connection.RunAsync(database => database.StringSetAsync(key, mine, Expiry));
            if (holder is not null && holder != mine)
            {
                Send(new PeerMessage(PeerMessageKind.Moved, _id) { Node = session.NodeId });
            }
        }

        var settings = new SettingsReply { Settings = { session.Settings } }.ToByteArray();
        await Connection.RunAsync(database => database.StringSetAsync(SettingsKey(session.NodeId), settings, SettingsExpiry));
        _ = ExchangeSoonAsync();
        return true;
    }

    public async ValueTask<IReadOnlyList<Setting>> ReadSettingsAsync()
    {
        RedisKey[] keys = [.. _others.Select(node => SettingsKey(node.Id))];
        if (keys.Length == 0)
        {
            return [];
        }

        var told = await Connection.RunAsync(database => database.StringGetAsync(keys));
        return [.. told.Where(value => !value.IsNull).SelectMany(value => SettingsReply.Parser.ParseFrom((byte[])value!).Settings)];
    }

    public async ValueTask ReleaseAsync(NodeSession session)
    {
        try
        {
            // Only while it is still ours.
            await Connection.Database.LockReleaseAsync(NodeKey(session), Claim(session));
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            // It expires.
        }

        _ = ExchangeSoonAsync();
    }

    public IDisposable WatchOutput(string taskId)
    {
        _watched.AddOrUpdate(taskId, 1, (_, watchers) => watchers + 1);
        Ask(taskId);
        return new Watch(this, taskId);
    }

    public void Tell(string taskId, int attempt, OutputChunk chunk)
    {
        if (IsWanted(taskId))
        {
            Send(new PeerMessage(PeerMessageKind.Output, _id)
            {
                Task = taskId, Attempt = attempt, Offset = chunk.Offset, Text = chunk.Text,
            });
        }
    }

    public void Tell(string taskId, int attempt, string progress)
    {
        if (IsWanted(taskId))
        {
            Send(new PeerMessage(PeerMessageKind.Progress, _id) { Task = taskId, Attempt = attempt, Text = progress });
        }
    }

    public void Tell(ControlNodeRequest wish) =>
        Send(new PeerMessage(PeerMessageKind.Control, _id) { Node = wish.NodeId, Body = wish.ToByteArray() });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await ExchangeSoonAsync();
            foreach (var taskId in _watched.Keys)
            {
                Ask(taskId);
            }
        }
    }

    private async Task ExchangeSoonAsync()
    {
        try
        {
            await ExchangeAsync();
        }
        catch (Exception error) when (error is StoreUnusableException or RedisException or TimeoutException)
        {
            LogNotExchanged(logger, error.Message);
        }
    }

    // Tells what this scheduler has, and learns what the others have.
    private async Task ExchangeAsync()
    {
        var mine = new ListWorkersReply { Nodes = { nodes.All.Select(node => node.ToWorkerNode()) } };
        await Connection.RunAsync(async database =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var told = database.StringSetAsync(SchedulerKey(_id), mine.ToByteArray(), Expiry);
            var listed = database.SortedSetAddAsync(Schedulers, _id, now);
            await Task.WhenAll(told, listed);
            await Task.WhenAll(nodes.All.Select(session => KeepClaimAsync(database, session)));
            await database.SortedSetRemoveRangeByScoreAsync(Schedulers, 0, now - (60 * Expiry.TotalMilliseconds));
            return true;
        });
        var peers = await Connection.RunAsync(database => database.SortedSetRangeByRankAsync(Schedulers));
        var found = new List<WorkerNode>();
        foreach (var peer in peers.Where(peer => peer != _id))
        {
            var reply = await Connection.RunAsync(database => database.StringGetAsync(SchedulerKey(peer)));
            if (!reply.IsNull)
            {
                found.AddRange(ListWorkersReply.Parser.ParseFrom((byte[])reply!).Nodes);
            }
        }

        var own = nodes.All.Select(node => node.NodeId).ToHashSet(StringComparer.Ordinal);
        var before = _others;
        // A scheduler that was killed is still listed for a while, with nodes that have gone to another: the newest holds.
        _others =
        [
            .. found.Where(node => !own.Contains(node.Id))
                .OrderByDescending(node => node.ConnectedAt.ToDateTimeOffset())
                .DistinctBy(node => node.Id)
                .OrderBy(node => node.Id, StringComparer.Ordinal),
        ];
        foreach (var node in _others.ExceptBy(before.Select(node => node.Id), node => node.Id))
        {
            LogElsewhere(logger, node.Id);
        }
    }

    private async Task KeepClaimAsync(IDatabase database, NodeSession session)
    {
        var holder = (string?)await database.StringGetAsync(NodeKey(session));
        if (holder is null || holder == Claim(session))
        {
            await database.StringSetAsync(NodeKey(session), Claim(session), Expiry);
            await database.KeyExpireAsync(SettingsKey(session.NodeId), SettingsExpiry);
        }
        else if (ProcessOf(holder) == ProcessOf(Claim(session)))
        {
            // It went over, and the message of it was lost.
            await session.Ended.CancelAsync();
        }
    }

    private void Hear(RedisValue value)
    {
        var message = JsonSerializer.Deserialize<PeerMessage>((string)value!)!;
        if (message.From == _id)
        {
            return;
        }

        switch (message.Kind)
        {
            case PeerMessageKind.Nodes:
                _ = ExchangeSoonAsync();
                break;
            case PeerMessageKind.Moved:
                // The node carries its work over; nothing is put back here.
                nodes.Find(message.Node)?.Ended.Cancel();
                break;
            case PeerMessageKind.Watch:
                Show(message);
                break;
            case PeerMessageKind.Output when _watched.ContainsKey(message.Task):
                board.Of(message.Task).Append(message.Attempt, new OutputChunk { Offset = message.Offset, Text = message.Text });
                break;
            case PeerMessageKind.Progress when _watched.ContainsKey(message.Task):
                board.Of(message.Task).Note(message.Attempt, message.Text);
                break;
            case PeerMessageKind.Control:
                nodes.Apply(ControlNodeRequest.Parser.ParseFrom(message.Body));
                break;
        }
    }

    // Sends what the asker lacks, and from now on whatever comes, for as long as it keeps asking.
    private void Show(PeerMessage asked)
    {
        if (!nodes.All.Any(session => session.Find(asked.Task) is not null) || board.Find(asked.Task) is not { } output)
        {
            return;
        }

        _wanted[asked.Task] = time.GetUtcNow().ToUnixTimeMilliseconds();
        var glance = output.Look(asked.Attempt, asked.Offset);
        if (glance.Text.Length > 0)
        {
            Send(new PeerMessage(PeerMessageKind.Output, _id)
            {
                Task = asked.Task, Attempt = glance.Attempt, Offset = glance.Offset, Text = glance.Text,
            });
        }

        if (glance.Progress.Length > 0)
        {
            Send(new PeerMessage(PeerMessageKind.Progress, _id)
            {
                Task = asked.Task, Attempt = glance.Attempt, Text = glance.Progress,
            });
        }
    }

    private void Ask(string taskId)
    {
        var known = board.Of(taskId).Length;
        Send(new PeerMessage(PeerMessageKind.Watch, _id) { Task = taskId, Attempt = known.Attempt, Offset = known.Length });
    }

    private bool IsWanted(string taskId)
    {
        if (!_wanted.TryGetValue(taskId, out var asked))
        {
            return false;
        }

        if (time.GetUtcNow().ToUnixTimeMilliseconds() - asked < Expiry.TotalMilliseconds)
        {
            return true;
        }

        _wanted.TryRemove(taskId, out _);
        return false;
    }

    private void Send(PeerMessage message)
    {
        try
        {
            Connection.Subscriber.Publish(Channel, JsonSerializer.Serialize(message), CommandFlags.FireAndForget);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            LogNotExchanged(logger, error.Message);
        }
    }

    private RedisKey SchedulerKey(RedisValue scheduler) => Connection.Root.Append("scheduler:" + scheduler);

    private RedisKey NodeKey(NodeSession session) => Connection.Root.Append("node:" + session.NodeId);

    private RedisKey SettingsKey(string nodeId) => Connection.Root.Append("node-settings:" + nodeId);

    // Sample: "4711@tokyo scheduler-id".
    private string Claim(NodeSession session) => $"{session.Process.ProcessId}@{session.Process.Machine} {_id}";

    private static string ProcessOf(string claim) => claim[..claim.LastIndexOf(' ')];

    private sealed class Watch(RedisPeers peers, string taskId) : IDisposable
    {
        public void Dispose()
        {
            if (peers._watched.AddOrUpdate(taskId, 0, (_, watchers) => watchers - 1) <= 0)
            {
                peers._watched.TryRemove(KeyValuePair.Create(taskId, 0));
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Worker node {WorkerNode} works at another scheduler")]
    private static partial void LogElsewhere(ILogger logger, string workerNode);

    [LoggerMessage(LogLevel.Debug, "The other schedulers cannot be reached: {Reason}")]
    private static partial void LogNotExchanged(ILogger logger, string reason);
}
