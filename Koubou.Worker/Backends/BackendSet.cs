using Koubou.Contracts;
using Koubou.Worker.Backends.AgentCli;
using Koubou.Worker.Backends.Demo;
using Koubou.Worker.Backends.Ollama;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends;

/// <summary>The node's backends, and which one answers a task.</summary>
internal sealed partial class BackendSet
{
    private readonly OllamaBackend _ollama;
    private readonly DemoBackend _demo;
    private readonly Agents _agents;
    private readonly ILogger<BackendSet> _logger;
    private int _demoTold;

    public BackendSet(OllamaBackend ollama, DemoBackend demo, Agents agents, ILogger<BackendSet> logger)
    {
        _agents = agents;
        _agents.Changed += () => Changed?.Invoke();
        _ollama = ollama;
        _demo = demo;
        _logger = logger;
        _ollama.Changed += () => Changed?.Invoke();
    }

    /// <summary>The offer is another one now.</summary>
    public event Action? Changed;

    // A real backend that was named or was ever seen rules the demo out for the life of this process.
    private bool DemoAnswers => _demo.Enabled && !_ollama.IsConfigured && !_ollama.WasSeen
        && !_agents.AnyConfigured;

    public IEnumerable<Backend> Describe()
    {
        if (DemoAnswers)
        {
            yield return _demo.Describe();
        }
        else
        {
            yield return _ollama.Describe();
        }

        foreach (var agent in _agents.Describe())
        {
            yield return agent;
        }
    }

    /// <summary>The agent that the task names, after a look at its policy. Null: it wants a model.</summary>
    public IAgent? FindAgent(AssignedTask task)
    {
        if (_agents.Find(task.Backend) is not { } agent)
        {
            return null;
        }

        PolicyGuard.Demand(task, agent.Zone, agent.Name);
        return agent;
    }

    /// <summary>Chooses who answers; waits a bounded while for a backend that is away.</summary>
    public async Task<IBackend> ChooseAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        var wanted = task.Backend;
        if (wanted.Length > 0 && wanted != _ollama.Name && wanted != _demo.Name)
        {
            throw TaskFailureException.Transient(
                "backend_unknown", $"This node has no backend '{wanted}'. It has: {_ollama.Name}.");
        }

        await _ollama.FirstProbe.WaitAsync(cancellationToken);
        if (wanted != _ollama.Name && DemoAnswers)
        {
            TellOfDemo();
            return _demo;
        }

        if (wanted == _demo.Name)
        {
            throw TaskFailureException.Permanent(
                "demo_refused", "The demo backend never answers where a real backend is configured or was found.");
        }

        PolicyGuard.Demand(task, _ollama.Zone, _ollama.Name);
        await _ollama.WaitUntilReachableAsync(context, cancellationToken);
        return _ollama;
    }

    private void TellOfDemo()
    {
        if (Interlocked.Exchange(ref _demoTold, 1) == 0)
        {
            LogDemo(_ollama.Address);
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "No Ollama at {Address}: the demo backend answers, and every answer is marked as simulated. "
        + "For real ones: ollama serve, then ollama pull gemma2:2b")]
    private partial void LogDemo(Uri address);
}
