using Koubou.Contracts;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends;

/// <summary>One way to an answer.</summary>
internal interface IBackend
{
    string Name { get; }

    /// <summary>Where it stands. A model that it serves may be further away.</summary>
    Zone Zone { get; }

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
