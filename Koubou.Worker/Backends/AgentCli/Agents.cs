using Koubou.Contracts;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>The node's agents.</summary>
internal sealed class Agents
{
    private readonly IReadOnlyList<IAgent> _all;
    private int _running;

    public Agents(IEnumerable<IAgent> agents)
    {
        _all = [.. agents];
        foreach (var agent in _all)
        {
            agent.Changed += () => Changed?.Invoke();
        }
    }

    /// <summary>The offer is another one now.</summary>
    public event Action? Changed;

    /// <summary>Tasks that agents work on now.</summary>
    public int Running => Volatile.Read(ref _running);

    public bool AnyConfigured => _all.Any(agent => agent.IsConfigured);

    /// <summary>The agent of that name, or null.</summary>
    public IAgent? Find(string name) =>
        name.Length == 0 ? null : _all.FirstOrDefault(agent => agent.Name == name && agent.Describe() is not null);

    public IEnumerable<Backend> Describe() => _all.Select(agent => agent.Describe()).OfType<Backend>();

    /// <summary>Counts a task while an agent works on it.</summary>
    public async Task<TResult> CountAsync<TResult>(Func<Task<TResult>> work)
    {
        Interlocked.Increment(ref _running);
        Changed?.Invoke();
        try
        {
            return await work();
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            Changed?.Invoke();
        }
    }

    /// <summary>One look at each.</summary>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        foreach (var agent in _all)
        {
            await agent.ProbeAsync(cancellationToken);
        }
    }
}
