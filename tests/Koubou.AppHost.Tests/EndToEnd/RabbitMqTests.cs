namespace Koubou.AppHost.Tests.EndToEnd;

/// <summary>The workshop on RabbitMQ as one command starts it: the broker of this machine, with records in a file or in Redis.</summary>
public sealed class RabbitMqTests
{
    [Fact]
    public async Task Workshop_QueueRabbitMq_WorksAndKeepsItsTasksOverARestart()
    {
        var home = Directory.CreateTempSubdirectory("koubou-rabbitmq-e2e-");
        string id;
        await using (var workshop = await StartAsync(home.FullName, "embedded"))
        {
            id = await workshop.DelegateAsync("once");
            Assert.Equal("completed", (await workshop.StatusAsync(id)).GetProperty("status").GetString());
            Assert.Equal(0, await workshop.StopAsync());
            AssertNothingIsLeft(home.FullName);
        }

        await using (var again = await StartAsync(home.FullName, "embedded"))
        {
            Assert.Equal("completed", (await again.StatusAsync(id)).GetProperty("status").GetString());
            var second = await again.DelegateAsync("again");
            Assert.Equal("completed", (await again.StatusAsync(second)).GetProperty("status").GetString());
        }

        home.Delete(recursive: true);
    }

    [Fact]
    public async Task Workshop_QueueRabbitMqDistributed_TwoSchedulersShareRecordsInRedis()
    {
        var home = Directory.CreateTempSubdirectory("koubou-rabbitmq-e2e-");
        await using (var workshop = await StartAsync(home.FullName, "distributed"))
        {
            await workshop.Lines.WaitForAsync("scheduler-2 ● healthy");
            var id = await workshop.DelegateAsync("once");
            Assert.Equal("completed", (await workshop.StatusAsync(id)).GetProperty("status").GetString());
        }

        AssertNothingIsLeft(home.FullName);
        home.Delete(recursive: true);
    }

    // The broker's name service would go on as a daemon.
    private static void AssertNothingIsLeft(string home) => Assert.DoesNotContain(
        Directory.GetDirectories("/proc"),
        folder => int.TryParse(Path.GetFileName(folder), out _) && Belongs($"{folder}/environ", home));

    private static bool Belongs(string environment, string home)
    {
        try
        {
            return File.ReadAllText(environment).Contains($"HOME={home}/db/rabbitmq\0", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Task<RunningWorkshop> StartAsync(string home, string profile) => RunningWorkshop.StartAsync(
        ("Koubou__Profile", profile), ("Koubou__Queue", "rabbitmq"), ("KOUBOU_HOME", home));
}
