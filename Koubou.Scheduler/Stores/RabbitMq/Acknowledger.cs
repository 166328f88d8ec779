using System.Threading.Channels;
using RabbitMQ.Client;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// Tells the broker what became of the messages of one channel. One loop sends, so that what it says of one message cannot
/// overtake what it says of another; what gathers meanwhile goes together, and where all messages up to a number are done
/// with, one acknowledgement stands for them.
/// </summary>
internal sealed class Acknowledger
{
    private readonly Lock _gate = new();
    private readonly Channel<Verdict> _verdicts =
        Channel.CreateUnbounded<Verdict>(new UnboundedChannelOptions { SingleReader = true });

    // Delivered, or about to be, and not spoken of yet.
    private readonly SortedSet<ulong> _open = [];
    private readonly Task _running;
    private ulong _highest;

    /// <param name="channel">Whose messages these are.</param>
    /// <param name="failed">Called when the channel does not take it.</param>
    public Acknowledger(IChannel channel, Action<string> failed) => _running = RunAsync(channel, failed);

    /// <summary>Before anything is said of a message, it must have been noted here.</summary>
    public void Note(ulong tag)
    {
        lock (_gate)
        {
            // The broker counts deliveries by one. What is skipped is still on its way through the client.
            for (; _highest < tag; _highest++)
            {
                _open.Add(_highest + 1);
            }
        }
    }

    /// <summary>
    /// The message has done its work. Not waited for: what is lost with the connection comes back to its queue, and is
    /// dropped as stale there.
    /// </summary>
    public void Acknowledge(ulong tag) => _verdicts.Writer.TryWrite(new Verdict(tag, GoesBack: false));

    /// <summary>The message goes back into its queue.</summary>
    public void GiveBack(ulong tag) => _verdicts.Writer.TryWrite(new Verdict(tag, GoesBack: true));

    /// <summary>Takes no more, and completes when all is sent or cannot be.</summary>
    public Task CompleteAsync()
    {
        _verdicts.Writer.TryComplete();
        return _running;
    }

    private async Task RunAsync(IChannel channel, Action<string> failed)
    {
        try
        {
            while (await _verdicts.Reader.WaitToReadAsync())
            {
                await SendAsync(channel);
            }
        }
        catch (Exception error) when (RabbitMqErrors.IsBroken(error))
        {
            failed(error.Message);
        }
    }

    private async Task SendAsync(IChannel channel)
    {
        var done = new List<ulong>();
        while (_verdicts.Reader.TryRead(out var verdict))
        {
            lock (_gate)
            {
                _open.Remove(verdict.Tag);
            }

            if (verdict.GoesBack)
            {
                await channel.BasicNackAsync(verdict.Tag, multiple: false, requeue: true);
            }
            else
            {
                done.Add(verdict.Tag);
            }
        }

        var upTo = FindLastBelowOpen(done);
        if (upTo > 0)
        {
            await channel.BasicAckAsync(upTo, multiple: true);
        }

        foreach (var tag in done)
        {
            if (tag > upTo)
            {
                await channel.BasicAckAsync(tag, multiple: false);
            }
        }
    }

    private ulong FindLastBelowOpen(List<ulong> done)
    {
        lock (_gate)
        {
            var end = _open.Count > 0 ? _open.Min : ulong.MaxValue;
            return done.Where(tag => tag < end).DefaultIfEmpty().Max();
        }
    }

    private readonly record struct Verdict(ulong Tag, bool GoesBack);
}
