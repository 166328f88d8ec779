using System.Diagnostics;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Koubou.Bench.Peers;

/// <summary>
/// Eight handlers that do nothing and acknowledge each message by hand; with answers, each is confirmed by the broker first.
/// Does what its standard input says: <c>pause</c>, <c>resume</c>, <c>count N</c> (says so when N are acknowledged),
/// <c>tell</c> (says when each handler started) and <c>hush</c>.
/// </summary>
internal sealed class PlainRabbitConsumer(IChannel channel, string queue, bool keepsAnswers)
{
    public const string KeepsAnswers = "answers";
    private const ushort Handlers = 8;

    // Enough that no handler waits for the network, as the broker's guide has it; the work is far shorter than a round trip.
    private const ushort Prefetch = 100;

    private string? _subscription;
    private int _left;
    private volatile bool _tells;

    public static string AnswersOf(string queue) => queue + ".answers";

    public static async Task RunAsync(string address, string queue, bool keepsAnswers)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(address) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(PlainRabbit.Confirming(Handlers));
        await channel.BasicQosAsync(prefetchSize: 0, Prefetch, global: false);
        var consumer = new PlainRabbitConsumer(channel, queue, keepsAnswers);
        await consumer.ResumeAsync();
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            await consumer.DoAsync(line.Split(' '));
            Console.WriteLine(line);
        }
    }

    private async Task DoAsync(string[] command)
    {
        switch (command[0])
        {
            case "pause" when _subscription is not null:
                await channel.BasicCancelAsync(_subscription);
                _subscription = null;
                break;
            case "resume":
                await ResumeAsync();
                break;
            case "count":
                Volatile.Write(ref _left, int.Parse(command[1], CultureInfo.InvariantCulture));
                break;
            case "tell" or "hush":
                _tells = command[0] == "tell";
                break;
        }
    }

    private async Task ResumeAsync()
    {
        if (_subscription is null)
        {
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) => HandleAsync(delivery);
            _subscription = await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        }
    }

    private async Task HandleAsync(BasicDeliverEventArgs delivery)
    {
        var started = Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture);
        if (keepsAnswers)
        {
            await channel.BasicPublishAsync(
                exchange: "", AnswersOf(queue), mandatory: true,
                new BasicProperties { Persistent = true }, Encoding.ASCII.GetBytes(started));
        }

        await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        if (_tells)
        {
            Console.WriteLine(started);
        }

        if (Interlocked.Decrement(ref _left) == 0)
        {
            // Whatever the broker answers on this channel comes after it took the acknowledgements.
            await channel.QueueDeclarePassiveAsync(queue);
            Console.WriteLine("done");
        }
    }
}
