using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;
using Koubou.ServiceDefaults.Settings;

namespace Koubou.Scheduler.Operations;

/// <summary>The settings that this scheduler and the worker nodes run with.</summary>
internal sealed class SchedulerSettings(
    ServiceSettings own, IQueueStore store, NodeRegistry nodes, IPeers peers, IConfiguration configuration)
{
    private static readonly string[] Connections = ["ConnectionStrings:redis", "ConnectionStrings:rabbitmq"];

    public async ValueTask<SettingsReply> ListAsync()
    {
        var reply = new SettingsReply { Settings = { Own().Select(pair => Of(pair.Key, pair.Value)) } };
        foreach (var node in nodes.All)
        {
            reply.Settings.Add(node.Settings);
        }

        var here = nodes.All.Select(node => node.NodeId).ToHashSet(StringComparer.Ordinal);
        reply.Settings.Add((await peers.ReadSettingsAsync()).Where(setting => !here.Contains(setting.Node)));
        return reply;
    }

    private IEnumerable<KeyValuePair<string, string>> Own() =>
    [
        KeyValuePair.Create("Koubou:Queue", store.Name),
        .. own.All(),
        .. store.Settings,
        .. Connections.Where(name => configuration[name] is { Length: > 0 })
            .Select(name => KeyValuePair.Create(name, Secrets.Cover(configuration[name]!))),
    ];

    private static Setting Of(string name, string value) => new() { Name = name, Value = value, Service = "scheduler" };
}
