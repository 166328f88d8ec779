using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>
/// Clients with tasks of two types, which not every node takes; counts for each client how often each other one had a turn
/// while it waited for its own.
/// </summary>
internal sealed class Turns(QueueHarness queue)
{
    private static readonly string[] Clients = ["a", "b", "c", "d"];
    private static readonly string[] Types = ["general", "code"];

    private readonly List<(string Id, string Client, string Type)> _waiting = [];
    private readonly Dictionary<(string Waits, string Had), int> _passedOver = [];

    public Task StepAsync(int operation, int choice) => operation switch
    {
        0 or 1 => SubmitAsync(Clients[choice % 4], Types[choice / 4 % 2], count: 1),
        2 => SubmitAsync(Clients[choice % 4], Types[choice / 4 % 2], count: 3),
        3 => CancelAsync(choice),
        4 or 5 => LeaseAsync(Types, count: 1 + (choice % 3)),
        _ => LeaseAsync([Types[choice % 2]], count: 1 + (choice / 2 % 3)),
    };

    public async Task DrainAsync()
    {
        while (_waiting.Count > 0)
        {
            await LeaseAsync(Types, count: 2);
        }
    }

    private async Task SubmitAsync(string client, string type, int count)
    {
        for (var number = 0; number < count; number++)
        {
            _waiting.Add((await queue.EnqueueAsync("x", 5, spec => (spec.Client, spec.Type) = (client, type)), client, type));
        }
    }

    private async Task CancelAsync(int choice)
    {
        if (_waiting.Count > 0)
        {
            var task = _waiting[choice % _waiting.Count];
            await queue.CancelAsync(task.Id);
            Remove(task);
        }
    }

    private async Task LeaseAsync(string[] types, int count)
    {
        var fitting = _waiting.Count(task => types.Contains(task.Type));

        var leased = await queue.Store.LeaseAsync(
            new LeaseRequest("node-1", count, lane => types.Contains(lane.Type)), CancellationToken.None);

        Assert.Equal(Math.Min(fitting, count), leased.Count);
        foreach (var started in leased)
        {
            Start(_waiting.Single(task => task.Id == started.Lease.TaskId), types);
        }
    }

    private void Start((string Id, string Client, string Type) task, string[] types)
    {
        // Among one client's tasks the order is that of submission.
        Assert.Equal(task, _waiting.First(other => other.Client == task.Client && types.Contains(other.Type)));
        foreach (var client in Clients.Where(client => client != task.Client))
        {
            if (_waiting.Exists(other => other.Client == client && types.Contains(other.Type)))
            {
                var times = _passedOver.GetValueOrDefault((client, task.Client)) + 1;
                Assert.True(times == 1, $"{task.Client} had {times} turns while {client} waited for one");
                _passedOver[(client, task.Client)] = times;
            }

            _passedOver.Remove((task.Client, client));
        }

        Remove(task);
    }

    private void Remove((string Id, string Client, string Type) task)
    {
        _waiting.Remove(task);
        if (!_waiting.Exists(other => other.Client == task.Client))
        {
            // Who waits for nothing is not passed over.
            foreach (var client in Clients)
            {
                _passedOver.Remove((task.Client, client));
            }
        }
    }
}
