namespace Koubou.Bench.Peers;

/// <summary>Ours beside others in one run: one section for each engine, on the same servers with the same durability.</summary>
internal static class CompareBench
{
    public static async Task RunAsync(string section, BenchSettings settings, Report report)
    {
        var comparison = section switch
        {
            "sqlite" => await SqliteSection.RunAsync(settings, report),
            "redis-everysec" => await RedisSection.RunAsync("everysec", settings, report),
            "redis-always" => await RedisSection.RunAsync("always", settings, report),
            "rabbitmq" => await RabbitMqSection.RunAsync(settings, report),
            _ => throw new ArgumentException(
                $"'{section}' is none of sqlite, redis-everysec, redis-always, rabbitmq.", nameof(section)),
        };
        comparison.Write(Console.Out);
    }
}
