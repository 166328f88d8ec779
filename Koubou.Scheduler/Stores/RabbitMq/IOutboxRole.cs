namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// Which of the schedulers that share a queue publishes for changes that happened in the record. Two at once do no harm
/// but a few messages too many.
/// </summary>
internal interface IOutboxRole
{
    bool IsMine { get; }

    /// <summary>Takes the role where it is free, or keeps it. Called every second.</summary>
    Task TakeAsync();

    /// <summary>Leaves the role to another.</summary>
    Task LeaveAsync();
}

/// <summary>There is no other scheduler.</summary>
internal sealed class SoleOutbox : IOutboxRole
{
    public bool IsMine => true;

    public Task TakeAsync() => Task.CompletedTask;

    public Task LeaveAsync() => Task.CompletedTask;
}
