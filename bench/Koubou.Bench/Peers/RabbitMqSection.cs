namespace Koubou.Bench.Peers;

/// <summary>Ours on RabbitMQ with records in SQLite, beside a plain client on a quorum queue of the same broker.</summary>
internal static class RabbitMqSection
{
    public static async Task<Comparison> RunAsync(BenchSettings settings, Report report)
    {
        await using var rabbit = await RabbitServer.StartAsync();
        await using var plain = await PlainRabbit.StartAsync(rabbit, keepsAnswers: false);
        await using var withAnswers = await PlainRabbit.StartAsync(rabbit, keepsAnswers: true);
        await using var ours = await OpenAsync(rabbit, quorum: true);
        await using var classic = await OpenAsync(rabbit, quorum: false);
        var race = new Race(report, ours, classic, plain, withAnswers);
        await race.WarmUpAsync(settings.Part(3));

        const string Plain = "plain client, nothing kept";
        const string WithAnswers = "plain client, answers kept";
        var comparison = new Comparison("RabbitMQ (quorum queues, publisher confirms; our records in SQLite with FULL)");
        var tasks = settings.Part(3);
        var endToEnd = await race.RunAsync("end_to_end", each => each.RunEndToEndAsync(tasks, priorities: false));
        comparison.Add("end to end", endToEnd[0], Plain, endToEnd[2], "tasks/s", atLeast: 1);
        comparison.Add("end to end", endToEnd[0], WithAnswers, endToEnd[3], "tasks/s");
        comparison.Add("end to end, our classic queues", endToEnd[1], Plain, endToEnd[2], "tasks/s");

        var pair = new Race(report, ours, plain);
        var filled = await Measurements.FillAndDrainAsync(pair, tasks);
        comparison.Add("drain", filled.Drain[0], Plain, filled.Drain[1], "tasks/s");
        comparison.Add("batch submit", filled.Submit[0], Plain, filled.Submit[1], "tasks/s");
        await Measurements.SinglesAsync(pair, comparison, Plain);
        await Measurements.IdleAsync(pair, comparison, p50AtMost: null, Plain);
        return comparison;
    }

    private static async Task<Ours> OpenAsync(RabbitServer rabbit, bool quorum) => new(
        quorum ? "rabbitmq_quorum" : "rabbitmq_classic",
        $"RabbitMQ {(quorum ? "quorum" : "classic durable")} queue with confirms; records after fsync (SQLite, FULL)",
        await Workshop.OpenAsync(
            withNode: true,
            redis: null,
            Workshop.On(rabbit, quorum)));
}
