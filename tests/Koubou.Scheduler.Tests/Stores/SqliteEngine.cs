using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Sqlite;
using Koubou.ServiceDefaults.Home;
using Microsoft.Extensions.Logging.Abstractions;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>A database file in a home of its own.</summary>
internal sealed class SqliteEngine(SqliteOptions? options = null, string? home = null) : StoreEngine
{
    private readonly string _home = home ?? Directory.CreateTempSubdirectory("koubou-test-").FullName;
    private readonly SqliteOptions _options = options ?? new SqliteOptions { LeaseCommitDelay = TimeSpan.Zero };

    public override IQueueStore Create(QueueHarness harness) => new SqliteQueueStore(
        new KoubouHome(_home), _options, harness.Lease, harness.Backoff, harness.Order, harness.Limits, harness.Ids,
        harness.Clock, harness.Random, NullLogger.Instance);

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_home, recursive: true);
        return ValueTask.CompletedTask;
    }
}
