using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>The contract on real files, and what this engine alone promises.</summary>
public sealed class SqliteQueueTests : QueueContract
{
    private protected override StoreEngine CreateEngine() => new SqliteEngine();

    [Fact]
    public async Task Open_TwoSchedulersOnOneFile_SecondIsRefused()
    {
        var home = Directory.CreateTempSubdirectory("koubou-test-").FullName;
        await using var queue = await QueueHarness.StartAsync(home: home);

        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => QueueHarness.StartAsync(home: home));

        Assert.Contains("KOUBOU_HOME", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_DatabaseOfANewerVersion_IsRefusedUntouched()
    {
        var folder = Directory.CreateTempSubdirectory("koubou-test-");
        var file = Path.Combine(folder.FullName, "koubou.db");
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            await command.ExecuteNonQueryAsync();
        }

        var error = await Assert.ThrowsAsync<StoreUnusableException>(
            () => QueueHarness.StartAsync(new SqliteOptions { File = file }));

        Assert.Contains("version 999", error.Message, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }
}
