using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>A connection and its channel, from their making to the end of either.</summary>
internal sealed class BrokerSession : IAsyncDisposable
{
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, bool> _declared = new(StringComparer.Ordinal);
    private readonly IConnection _connection;

    public BrokerSession(IConnection connection, IChannel channel, Version server)
    {
        _connection = connection;
        Channel = channel;
        Server = server;
        Acknowledger = new Acknowledger(channel, Abandon);
        connection.ConnectionShutdownAsync += OnShutdown;
        channel.ChannelShutdownAsync += OnShutdown;
        if (!channel.IsOpen)
        {
            _ended.TrySetResult();
        }
    }

    public IChannel Channel { get; }

    public Version Server { get; }

    /// <summary>Says what became of the messages that were taken here.</summary>
    public Acknowledger Acknowledger { get; }

    /// <summary>Completes when connection or channel is over.</summary>
    public Task Ended => _ended.Task;

    public string Reason { get; private set; } = "closed";

    /// <summary>Whether the queue of a type was made sure of here.</summary>
    public bool HasDeclared(string type) => _declared.ContainsKey(type);

    public void Declared(string type) => _declared[type] = true;

    /// <summary>Makes sure of every queue again.</summary>
    public void Forget() => _declared.Clear();

    /// <summary>Gives the session up, where it does not answer.</summary>
    public void Abandon(string reason)
    {
        Reason = reason;
        _ended.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        _ = Acknowledger.CompleteAsync();
        try
        {
            await _connection.CloseAsync(CloseTimeout);
        }
        catch (Exception error) when (RabbitMqErrors.IsBroken(error))
        {
            // It is over all the same.
        }

        await _connection.DisposeAsync();
    }

    private Task OnShutdown(object sender, ShutdownEventArgs told)
    {
        Reason = told.ReplyText.Length > 0 ? told.ReplyText : told.ToString();
        _ended.TrySetResult();
        return Task.CompletedTask;
    }
}
