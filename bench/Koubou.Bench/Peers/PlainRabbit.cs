using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;

namespace Koubou.Bench.Peers;

/// <summary>
/// What a user of RabbitMQ would write: persistent messages in a quorum queue, publisher confirms, a consumer in a process
/// of its own (<see cref="PlainRabbitConsumer"/>). It has no records, no state to ask for and no answers, except where it
/// is told to keep those in a second quorum queue.
/// </summary>
internal sealed class PlainRabbit : IContestant
{
    private const int BatchSize = 1_000;
    private const int BatchesAtOnce = 4;
    private const int StreamSize = 500;
    private const int StreamsAtOnce = 2;

    // Far more than are ever under way: the client slows a publisher down from half of it on.
    private const int ConfirmsAtOnce = 20_000;
    private const int IdleWarmUp = 300;
    private static readonly byte[] Body = new string('x', 100).Select(letter => (byte)letter).ToArray();

    private readonly ConnectionFactory _factory;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Process _consumer;
    private readonly string _queue;
    private int _waiting;

    private PlainRabbit(
        ConnectionFactory factory, IConnection connection, IChannel channel, Process consumer, string queue, string name)
    {
        _factory = factory;
        _connection = connection;
        _channel = channel;
        _consumer = consumer;
        _queue = queue;
        Name = name;
    }

    public string Name { get; }

    public string Durability => "RabbitMQ quorum queue, publisher confirms after fsync, acks not confirmed";

    public static async Task<PlainRabbit> StartAsync(RabbitServer rabbit, bool keepsAnswers)
    {
        var name = keepsAnswers ? "plain_rabbitmq_with_answers" : "plain_rabbitmq";
        var factory = new ConnectionFactory { Uri = new Uri(rabbit.Address) };
        var connection = await factory.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(Confirming());
        await DeclareAsync(channel, name);
        if (keepsAnswers)
        {
            await DeclareAsync(channel, PlainRabbitConsumer.AnswersOf(name));
        }

        var consumer = Processes.Start(
            Processes.Self, ["consume", rabbit.Address, name, keepsAnswers ? PlainRabbitConsumer.KeepsAnswers : ""]);
        var plain = new PlainRabbit(factory, connection, channel, consumer, name, name);
        await plain.ReadAsync();
        return plain;
    }

    public static CreateChannelOptions Confirming(ushort handlers = 1) => new(
        publisherConfirmationsEnabled: true,
        publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: new ThrottlingRateLimiter(ConfirmsAtOnce),
        consumerDispatchConcurrency: handlers);

    public async Task<double> SubmitSinglesAsync(int clients, int each)
    {
        await AskAsync("pause");
        _waiting += clients * each;
        return await Rate.OfAsync(clients * each, () => Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            await using var connection = await _factory.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync(Confirming());
            for (var number = 0; number < each; number++)
            {
                await PublishAsync(channel);
            }
        })));
    }

    public async Task<double> SubmitBatchesAsync(int tasks)
    {
        await AskAsync("pause");
        _waiting += tasks;
        return await Rate.OfAsync(tasks, () => PublishAllAsync(tasks, BatchSize, BatchesAtOnce));
    }

    public async Task<double> DrainAsync()
    {
        var tasks = _waiting;
        _waiting = 0;
        await AskAsync($"count {tasks}");
        return await Rate.OfAsync(tasks, async () =>
        {
            await AskAsync("resume");
            await ReadAsync();
        });
    }

    // A quorum queue of RabbitMQ 3 has no priorities.
    public async Task<double> RunEndToEndAsync(int tasks, bool priorities)
    {
        await AskAsync("resume");
        await AskAsync($"count {tasks}");
        return await Rate.OfAsync(tasks, async () =>
        {
            var done = ReadAsync();
            await PublishAllAsync(tasks, StreamSize, StreamsAtOnce);
            await done;
        });
    }

    public async Task<Milliseconds> MeasureIdleAsync(int rounds)
    {
        await AskAsync("resume");
        await AskAsync("tell");
        var latencies = new double[rounds];
        for (var round = -IdleWarmUp; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await PublishAsync(_channel);
            var started = long.Parse(await ReadAsync(), CultureInfo.InvariantCulture);
            if (round >= 0)
            {
                latencies[round] = Stopwatch.GetElapsedTime(start, started).TotalMilliseconds;
            }
        }

        await AskAsync("hush");
        return Milliseconds.Of(latencies);
    }

    public async ValueTask DisposeAsync()
    {
        _consumer.Kill();
        await _consumer.WaitForExitAsync();
        _consumer.Dispose();
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    public static Task DeclareAsync(IChannel channel, string queue) => channel.QueueDeclareAsync(
        queue, durable: true, exclusive: false, autoDelete: false,
        new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });

    private Task PublishAllAsync(int tasks, int size, int atOnce) => Parallel.ForEachAsync(
        Enumerable.Range(0, tasks / size),
        new ParallelOptions { MaxDegreeOfParallelism = atOnce },
        async (_, _) => await Task.WhenAll(Enumerable.Range(0, size).Select(_ => PublishAsync(_channel).AsTask())));

    // Completes with the broker's confirmation.
    private ValueTask PublishAsync(IChannel channel) => channel.BasicPublishAsync(
        exchange: "", _queue, mandatory: true, new BasicProperties { Persistent = true }, Body);

    private async Task AskAsync(string command)
    {
        await _consumer.StandardInput.WriteLineAsync(command);
        await _consumer.StandardInput.FlushAsync();
        await ReadAsync();
    }

    private async Task<string> ReadAsync() =>
        await _consumer.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The consumer ended.");
}
