using Koubou.Contracts;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends;

/// <summary>One way to an answer.</summary>
internal interface IBackend
{
    /// <summary>Its name in the settings; tasks may ask for it.</summary>
    string Name { get; }

    /// <summary>What it is: <c>ollama</c>, <c>openai</c> … A task may ask for any of a kind.</summary>
    string Kind { get; }

    /// <summary>Where it stands. A model that it serves may be further away.</summary>
    Zone Zone { get; }

    /// <summary>Somebody named it, so nothing simulated may answer in its place.</summary>
    bool IsConfigured => true;

    /// <summary>The last look found it. What is not looked at is taken to be there.</summary>
    bool Available => true;

    /// <summary>How it may be used.</summary>
    BackendTraits Traits => BackendTraits.Unmeasured;

    /// <summary>Completes when it is known whether it is there; bounded by the probe's timeout.</summary>
    Task FirstProbe => Task.CompletedTask;

    /// <summary>Pause between two looks. Infinite: none is needed.</summary>
    TimeSpan ProbeInterval => Timeout.InfiniteTimeSpan;

    /// <summary>Its description is another one now.</summary>
    event Action? Changed
    {
        add { }
        remove { }
    }

    /// <summary>One look: is it there, which models does it have, which are loaded. Does not throw when it is away.</summary>
    Task ProbeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether it has the model now. Empty: its own.</summary>
    bool Serves(string model) => true;

    /// <summary>Whether it holds the model in memory, so that nothing needs to be loaded first.</summary>
    /// <param name="model">Empty: its own.</param>
    /// <param name="runner">The options with which it must be loaded, as <see cref="RunnerOptions"/> spells them.</param>
    bool Holds(string model, string runner) => false;

    /// <summary>Why it cannot be asked now; nothing was sent.</summary>
    GiveBackException Away() => new(Http.BackendFaults.Unreachable, $"Backend '{Name}' is away.", TimeSpan.FromSeconds(5));

    /// <summary>Its state of now, for the node's offer.</summary>
    Backend Describe();

    /// <summary>
    /// Makes sure that the model can answer, which may take long and then shows progress. Sends nothing of the task.
    /// </summary>
    /// <param name="model">The wanted model. Empty: the backend's own.</param>
    /// <param name="context">Takes the progress.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ReadyModel> OpenAsync(string model, ICraftsmanContext context, CancellationToken cancellationToken);

    /// <summary>Fills in what an update of the answer tells about tokens and durations.</summary>
    void Note(ChatResponseUpdate update, AttemptFacts facts);
}

/// <summary>A model that is ready to be asked.</summary>
/// <param name="Client">Asks it, traced; shared, so nobody disposes it.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Zone">Where this model really computes.</param>
/// <param name="Simulated">No model answers.</param>
internal sealed record ReadyModel(IChatClient Client, string Backend, string Model, Zone Zone, bool Simulated);
