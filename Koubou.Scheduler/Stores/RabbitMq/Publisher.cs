using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// Tells the broker of tasks that became ready, and waits until it has them on disk. Has a connection of its own: the
/// broker stops reading those that publish when its memory is full, and acknowledgements must not stop with them.
/// </summary>
internal sealed class Publisher : IAsyncDisposable
{
    // Confirmations that may be under way at a time.
    private const int Window = 512;

    // What one more message adds to the time that a confirmation may take.
    private static readonly TimeSpan EachMore = TimeSpan.FromMilliseconds(2);

    private readonly BrokerLink _link;
    private readonly BrokerQueues _queues;
    private readonly SemaphoreSlim _room = new(Window);
    private readonly SemaphoreSlim _declaring = new(1);
    private int _underWay;
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Publisher(BrokerAddress address, BrokerQueues queues, ILogger logger)
    {
        _queues = queues;
        _link = new BrokerLink(
            address,
            "publishing",
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            logger);
    }

    public BrokerLink Link => _link;

    /// <summary>Whether messages are taken now.</summary>
    public bool Takes => _link is { Session: not null, Blocked: null };

    /// <summary>Completes at the next confirmation.</summary>
    public Task Progress => Volatile.Read(ref _progress).Task;

    /// <summary>Messages that are on their way.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>
    /// False when the broker has not confirmed all of them in time: some may be there, and some not, or come later.
    /// </summary>
    public async Task<bool> PublishAsync(IReadOnlyCollection<ReadyTask> tasks, TimeSpan limit)
    {
        if (_link.Session is not { } session || _link.Blocked is not null)
        {
            return false;
        }

        Interlocked.Add(ref _underWay, tasks.Count);
        var published = PublishAllAsync(session, tasks);
        try
        {
            return await published.WaitAsync(limit + (tasks.Count * EachMore), TimeProvider.System);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task<bool> PublishAllAsync(BrokerSession session, IReadOnlyCollection<ReadyTask> tasks)
    {
        try
        {
            await DeclareAsync(session, tasks);
            var confirmations = new List<Task>(tasks.Count);
            foreach (var task in tasks)
            {
                await _room.WaitAsync();
                confirmations.Add(PublishOneAsync(session, task));
            }

            await Task.WhenAll(confirmations);
            return true;
        }
        catch (PublishException)
        {
            // Somebody deleted the queue, or it is full by a policy.
            session.Forget();
            return false;
        }
        catch (Exception error) when (RabbitMqErrors.IsBroken(error))
        {
            return false;
        }
        finally
        {
            Interlocked.Add(ref _underWay, -tasks.Count);
        }
    }

    private async Task PublishOneAsync(BrokerSession session, ReadyTask task)
    {
        try
        {
            // Mandatory: a message for a queue that somebody deleted comes back as an error.
            await session.Channel.BasicPublishAsync(
                exchange: "",
                _queues.NameOf(task.Type),
                mandatory: true,
                BrokerQueues.Describe(task),
                BrokerQueues.BodyOf(task));
            Interlocked.Exchange(ref _progress, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
                .TrySetResult();
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task DeclareAsync(BrokerSession session, IReadOnlyCollection<ReadyTask> tasks)
    {
        await _declaring.WaitAsync();
        try
        {
            foreach (var type in tasks.Select(task => task.Type).Distinct(StringComparer.Ordinal))
            {
                if (!session.HasDeclared(type))
                {
                    await _queues.DeclareAsync(session, type);
                }
            }
        }
        finally
        {
            _declaring.Release();
        }
    }
}
