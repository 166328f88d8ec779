using Google.Protobuf;
using Koubou.Contracts;
using Microsoft.Data.Sqlite;

namespace Koubou.AppHost.Tests.EndToEnd;

/// <summary>SIGKILL in the middle of the work: every answered submit is finished, and recorded once.</summary>
public sealed class KillTests
{
    private const int Tasks = 200;

    [Fact]
    public async Task Workshop_WorkerThenSchedulerKilled_FinishesEveryAnsweredTaskOnce()
    {
        List<string> ids = [];
        List<TaskEvent> events;
        await using (var workshop = await RunningWorkshop.StartAsync(
            ("Koubou__Worker__Demo__PieceDelay", "00:00:00.003")))
        {
            for (var number = 0; number < Tasks; number++)
            {
                ids.Add(await workshop.DelegateAsync($"task {number}"));
            }

            await workshop.StatusAsync(ids[20]);
            await RunningWorkshop.KillAsync(workshop.ProcessesOf("Koubou.Worker.dll")[0]);
            await workshop.StatusAsync(ids[80]);
            await workshop.Lines.WaitForAsync("scheduler ● healthy");
            await RunningWorkshop.KillAsync(workshop.ProcessesOf("Koubou.Scheduler.dll").Single());
            await workshop.Lines.WaitForNextAsync("scheduler ● healthy");

            foreach (var id in ids)
            {
                var status = await workshop.StatusAsync(id);
                Assert.Equal("completed", status.GetProperty("status").GetString());
            }

            Assert.Equal(0, await workshop.StopAsync());
            events = await ReadEventsAsync(Path.Combine(workshop.Home, "db", "koubou.db"));
        }

        var finished = events.Where(change => change.State.IsFinal()).ToList();
        Assert.All(finished, change => Assert.Equal(EventKind.Succeeded, change.Kind));
        Assert.Equal(ids.Order(StringComparer.Ordinal), finished.Select(change => change.TaskId).Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(change => change.Sequence));
    }

    private static async Task<List<TaskEvent>> ReadEventsAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT body FROM events ORDER BY first";
        await using var reader = await command.ExecuteReaderAsync();
        var events = new List<TaskEvent>();
        while (await reader.ReadAsync())
        {
            events.AddRange(EventBatch.Parser.ParseFrom(reader.GetFieldValue<byte[]>(0)).Events);
        }

        return events;
    }
}
