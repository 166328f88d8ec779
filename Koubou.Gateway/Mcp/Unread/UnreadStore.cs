using Koubou.ServiceDefaults.Home;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Mcp.Unread;

/// <summary>The journal of unread results in the workshop's home.</summary>
internal sealed partial class UnreadStore : IDisposable
{
    private readonly IReadOnlyList<(string Client, string Id)> _open;
    private readonly int _max;

    public UnreadStore(KoubouHome home, IOptions<McpOptions> options, ILogger<UnreadStore> logger)
    {
        _max = options.Value.UnreadMax;
        var path = Path.Combine(home.Database, "mcp-unread.log");
        Journal = UnreadJournal.Open(path, out _open);
        if (!Journal.IsKept)
        {
            LogNotKept(logger, path);
        }
    }

    public UnreadJournal Journal { get; }

    public OpenResults NewClient() => new(_max);

    /// <summary>What the journal held at the start; not known yet which of it has finished.</summary>
    public Dictionary<string, OpenResults> Load()
    {
        var clients = new Dictionary<string, OpenResults>(StringComparer.Ordinal);
        foreach (var (client, id) in _open)
        {
            if (!clients.TryGetValue(client, out var open))
            {
                clients.Add(client, open = NewClient());
            }

            open.Add(id, finished: false);
        }

        return clients;
    }

    public void Dispose() => Journal.Dispose();

    [LoggerMessage(LogLevel.Warning,
        "Another gateway keeps {Path}; which results are unread is forgotten when this one stops. "
        + "Give each gateway its own KOUBOU_HOME")]
    private static partial void LogNotKept(ILogger logger, string path);
}
