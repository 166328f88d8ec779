namespace Koubou.AppHost.Tests.EndToEnd;

/// <summary>The workshop on Redis as one command starts it: the server of this machine, and schedulers that share it.</summary>
public sealed class RedisTests
{
    [Fact]
    public async Task Workshop_QueueRedisWithTwoSchedulers_WorksAndKeepsItsTasksOverARestart()
    {
        var home = Directory.CreateTempSubdirectory("koubou-redis-e2e-");
        string id;
        await using (var workshop = await StartAsync(home.FullName))
        {
            id = await workshop.DelegateAsync("once");
            Assert.Equal("completed", (await workshop.StatusAsync(id)).GetProperty("status").GetString());
            await workshop.Lines.WaitForAsync("scheduler-2 ● healthy");
            Assert.Equal(0, await workshop.StopAsync());
        }

        await using (var again = await StartAsync(home.FullName))
        {
            Assert.Equal("completed", (await again.StatusAsync(id)).GetProperty("status").GetString());
        }

        home.Delete(recursive: true);
    }

    private static Task<RunningWorkshop> StartAsync(string home) => RunningWorkshop.StartAsync(
        ("Koubou__Profile", "distributed"), ("KOUBOU_HOME", home));
}
