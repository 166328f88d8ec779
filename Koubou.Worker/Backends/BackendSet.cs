using Koubou.Contracts;
using Koubou.Worker.Backends.AgentCli;
using Koubou.Worker.Backends.Demo;
using Koubou.Worker.Backends.Lanes;
using Koubou.Worker.Backends.Ollama;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Backends.Routing;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends;

/// <summary>The node's backends, and the way of a task through them.</summary>
internal sealed partial class BackendSet
{
    private readonly Lock _choosing = new();
    private readonly IReadOnlyList<Lane> _real;
    private readonly Lane _demo;
    private readonly bool _demoEnabled;
    private readonly Agents _agents;
    private readonly PolicyAudit _audit;
    private readonly ILogger<BackendSet> _logger;
    private int _demoTold;

    public BackendSet(
        IEnumerable<IBackend> backends, DemoBackend demo, Agents agents, PolicyAudit audit, TimeProvider clock,
        ILogger<BackendSet> logger)
    {
        _agents = agents;
        _agents.Changed += () => Changed?.Invoke();
        _audit = audit;
        _logger = logger;
        _real = [.. backends.Select(backend => new Lane(backend, clock, logger))];
        _demo = new Lane(demo, clock, logger);
        _demoEnabled = demo.Enabled;
        foreach (var lane in _real)
        {
            lane.Changed += () => Changed?.Invoke();
        }
    }

    /// <summary>The offer is another one now.</summary>
    public event Action? Changed;

    /// <summary>
    /// Calls that the backends answer side by side, all together: more craftsmen would only wait for each other. An agent
    /// brings its own process: who runs one takes no model's place, and where there are agents there is use for one more.
    /// </summary>
    public int Parallel => Answering.Sum(lane => lane.Level) + _agents.Running
        + (_agents.Describe().Any() ? 1 : 0);

    public IReadOnlyList<Lane> Lanes => Answering;

    // A real backend that was named or was ever seen rules the demo out for the life of this process.
    private bool DemoAnswers => _demoEnabled
        && !_agents.AnyConfigured
        && _real.All(lane => !lane.Backend.IsConfigured && lane.Backend is not ProbedBackend { WasSeen: true });

    private IReadOnlyList<Lane> Answering => DemoAnswers ? [_demo] : _real;

    public IEnumerable<Backend> Describe() => Answering.Select(lane => lane.Describe()).Concat(_agents.Describe());

    /// <summary>Whether that name is an agent's.</summary>
    public bool NamesAgent(string name) => _agents.Find(name) is not null;

    /// <summary>Lets the agent work.</summary>
    public Task<TaskResult> WorkAsync(
        IAgent agent, AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken) =>
        _agents.CountAsync(() => agent.WorkAsync(task, context, cancellationToken));

    /// <summary>The agent that the task names, after a look at its policy. Null: it wants a model.</summary>
    public IAgent? FindAgent(AssignedTask task)
    {
        if (_agents.Find(task.Backend) is not { } agent)
        {
            return null;
        }

        return task.DataPolicy.Admits(agent.Zone)
            ? agent
            : throw _audit.RefuseZone(task.Id, task.DataPolicy, $"agent '{agent.Name}'", agent.Zone, agent.ZoneReason);
    }

    /// <summary>
    /// Asks one backend after the other until one answers. The next one is asked only while nothing of an answer was
    /// written, and never one outside the task's data policy.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="context">Takes progress and facts.</param>
    /// <param name="ask">Asks a model that is ready; what it returns is the result.</param>
    /// <param name="hasWritten">Whether something of an answer was written.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TaskResult> AnswerAsync(
        AssignedTask task, ICraftsmanContext context, Func<Lane, ReadyModel, CancellationToken, Task<TaskResult>> ask,
        Func<bool> hasWritten, CancellationToken cancellationToken)
    {
        CallScope.ForTask(task.Id, task.DataPolicy, cancellationToken);
        var tries = new List<BackendTry>();
        var way = await WayAsync(task, tries, cancellationToken);
        for (var step = 0; step < way.Count; step++)
        {
            var (lane, model) = way[step];
            if (step > 0)
            {
                lane.Claim();
            }

            try
            {
                Enter(context, lane, model);
                var result = await lane.RunAsync(
                    stop => lane.Backend.OpenAsync(model, context, stop),
                    (ready, stop) =>
                    {
                        Enter(context, ready);
                        Demand(task, ready);
                        return ask(lane, ready, stop);
                    },
                    cancellationToken);
                context.Facts.Tried.AddRange(tries.Select(one => one.ToRecord()));
                return result;
            }
            catch (Exception exception) when (exception is TaskFailureException or GiveBackException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                tries.Add(new BackendTry(lane.Name, context.Facts.Model, context.Facts.Zone, exception));
                if (hasWritten())
                {
                    break;
                }

                LogTried(task.Id, lane.Name, exception.Message);
            }
            finally
            {
                lane.Release();
            }
        }

        throw GiveUp(task, context, tries);
    }

    /// <summary>
    /// The steps of a task, in order; what its policy refuses is audited and goes among the tries. The first step is
    /// claimed at once, so that tasks that come together do not all choose the same.
    /// </summary>
    private async Task<IReadOnlyList<(Lane Lane, string Model)>> WayAsync(
        AssignedTask task, List<BackendTry> tries, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_real.Select(lane => lane.Backend.FirstProbe)).WaitAsync(cancellationToken);
        var lanes = Answering;
        var wish = new RouteWish(task.Backend, task.Model, task.Fallbacks, task.DataPolicy);
        if (DemoAnswers)
        {
            TellOfDemo();
            if (wish.Backend.Length > 0 && _real.Any(lane => lane.Name == wish.Backend))
            {
                // The one that was asked for is away, so its answer cannot be simulated.
                var away = _real.First(lane => lane.Name == wish.Backend);
                away.Claim();
                return [(away, wish.Model)];
            }
        }
        else if (wish.Backend == _demo.Name)
        {
            throw TaskFailureException.Permanent(
                "demo_refused", "The demo backend never answers where a real backend is configured or was found.");
        }

        TaskRoute route;
        lock (_choosing)
        {
            var runner = RunnerOptions.Pick(task.Options);
            route = Router.Plan(wish, [.. lanes.Select(lane => View(lane, runner))]);
            if (route.Steps.Count > 0)
            {
                Find(lanes, route.Steps[0].Backend).Claim();
            }
        }

        foreach (var step in route.Refused)
        {
            var lane = Find(lanes, step.Backend);
            tries.Add(new BackendTry(step.Backend, step.Model, lane.Backend.Zone, _audit.RefuseZone(
                task.Id, task.DataPolicy, $"backend '{step.Backend}'", lane.Backend.Zone)));
        }

        if (route.Steps.Count == 0 && route.Refused.Count == 0)
        {
            throw Nobody(task, lanes, route);
        }

        return [.. route.Steps.Select(step => (Find(lanes, step.Backend), step.Model))];
    }

    private TaskFailureException Nobody(AssignedTask task, IReadOnlyList<Lane> lanes, TaskRoute route)
    {
        if (route.Unknown.Count > 0)
        {
            return TaskFailureException.Transient(
                "backend_unknown",
                $"This node has no backend '{route.Unknown[0]}'. It has: {string.Join(", ", lanes.Select(lane => lane.Name))}.");
        }

        var nearest = lanes.MinBy(lane => lane.Backend.Zone);
        return nearest is null
            ? TaskFailureException.Transient("backend_unknown", "This node has no backend.")
            : task.DataPolicy.Admits(nearest.Backend.Zone)
                ? TaskFailureException.Transient("backend_unknown",
                    "This node's backends only answer tasks that name them (OnlyWhenNamed): "
                    + string.Join(", ", lanes.Select(lane => lane.Name)) + ".")
                : _audit.RefuseZone(task.Id, task.DataPolicy, $"backend '{nearest.Name}'", nearest.Backend.Zone);
    }

    // A failure that another attempt may mend is told rather than one that it cannot: some backend may be back by then.
    private static Exception GiveUp(AssignedTask task, ICraftsmanContext context, List<BackendTry> tries)
    {
        var told = tries.MinBy(one => one.Rank)
            ?? throw new InvalidOperationException($"Task {task.Id} had a way without steps.");
        context.Facts.Backend = told.Backend;
        context.Facts.Model = told.Model;
        context.Facts.Zone = told.Zone;
        context.Facts.Tried.Clear();
        context.Facts.Tried.AddRange(tries.Where(one => one != told).Select(one => one.ToRecord()));
        return BackendTry.Combine(told, tries);
    }

    private static void Enter(ICraftsmanContext context, Lane lane, string model)
    {
        context.Facts.Backend = lane.Name;
        context.Facts.Model = model;
        context.Facts.Zone = lane.Backend.Zone;
    }

    private static void Enter(ICraftsmanContext context, ReadyModel ready)
    {
        context.Facts.Backend = ready.Backend;
        context.Facts.Model = ready.Model;
        context.Facts.Zone = ready.Zone;
        context.Facts.Simulated = ready.Simulated;
    }

    // The last moment: from here on the prompt is on its way.
    private void Demand(AssignedTask task, ReadyModel ready)
    {
        if (!task.DataPolicy.Admits(ready.Zone))
        {
            throw _audit.RefuseZone(task.Id, task.DataPolicy, $"model '{ready.Model}' on {ready.Backend}", ready.Zone);
        }
    }

    private static Lane Find(IReadOnlyList<Lane> lanes, string name) => lanes.First(lane => lane.Name == name);

    private static LaneView View(Lane lane, string runner) => new(
        lane.Name, lane.Backend.Kind, lane.Backend.Zone, lane.Backend.Traits.OnlyWhenNamed, lane.IsReady, lane.Claims < lane.Level,
        lane.Claims, lane.Backend.Serves, model => lane.Backend.Holds(model, runner));

    private void TellOfDemo()
    {
        if (Interlocked.Exchange(ref _demoTold, 1) == 0)
        {
            var address = _real.Select(lane => lane.Backend).OfType<OllamaBackend>().FirstOrDefault()?.Address;
            LogDemo(address?.ToString() ?? OllamaAddress.Default);
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "No Ollama at {Address}: the demo backend answers, and every answer is marked as simulated. "
        + "For real ones: ollama serve, then ollama pull gemma2:2b")]
    private partial void LogDemo(string address);

    [LoggerMessage(LogLevel.Information, "Task {TaskId}: {Backend} could not answer. {Reason}")]
    private partial void LogTried(string taskId, string backend, string reason);
}
