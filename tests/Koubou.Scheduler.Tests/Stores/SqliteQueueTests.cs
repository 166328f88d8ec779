using System.Diagnostics;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Sqlite;
using Koubou.ServiceDefaults.Home;
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
    public async Task Open_DatabaseByALink_HasTheOwnerOfItsTarget()
    {
        var home = Directory.CreateTempSubdirectory("koubou-test-");
        var file = Path.Combine(home.FullName, "koubou.db");
        var link = Path.Combine(home.CreateSubdirectory("other").FullName, "linked.db");
        File.CreateSymbolicLink(link, file);
        await using var queue = await QueueHarness.StartAsync(new SqliteOptions { File = file }, home: home.FullName);

        var error = await Assert.ThrowsAsync<StoreUnusableException>(
            () => QueueHarness.StartAsync(new SqliteOptions { File = link }));

        Assert.Contains($"Another scheduler works on {file}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ownership_OneOwnerAfterAnother_IsOfOneFileThatStays()
    {
        var home = Directory.CreateTempSubdirectory("koubou-test-");
        var options = new SqliteOptions { File = Path.Combine(home.FullName, "koubou.db") };
        var link = Path.Combine(home.FullName, "link");
        using (var first = new SqliteFile(new KoubouHome(home.FullName), options))
        {
            first.TakeOwnership();
            using var hardLink = Process.Start("ln", [options.File + ".lock", link]);
            await hardLink.WaitForExitAsync();
        }

        using var second = new SqliteFile(new KoubouHome(home.FullName), options);
        second.TakeOwnership();

        // Who found the file while the first one held it, and is slow to lock it, is refused by the second.
        Assert.Throws<IOException>(() => new FileStream(link, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose());
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
