using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Grpc;

/// <summary>Keeps a change of a client that may touch only its own tasks away from those of others.</summary>
internal static class OwnTasks
{
    public delegate Task<IReadOnlyList<ChangeResult>> Change(IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>Changes what the request may change. Tasks of others count as unknown: their state is not told either.</summary>
    public static async Task<ChangeReply> ChangeAsync(
        ChangeRequest request, IQueueStore store, Change change, CancellationToken cancellation)
    {
        if (request.Client.Length == 0)
        {
            return new ChangeReply { Results = { await change(request.Ids, cancellation) } };
        }

        var own = new List<string>();
        foreach (var id in request.Ids)
        {
            if (await store.GetAsync(id, includeOutput: false, cancellation) is { } record
                && record.Spec.Client == request.Client)
            {
                own.Add(id);
            }
        }

        var changed = own.Count == 0 ? [] : await change(own, cancellation);
        var results = new Queue<ChangeResult>(changed);
        var reply = new ChangeReply();
        foreach (var id in request.Ids)
        {
            reply.Results.Add(results.TryPeek(out var next) && next.Id == id
                ? results.Dequeue()
                : new ChangeResult { Id = id, Outcome = ChangeOutcome.UnknownId });
        }

        return reply;
    }
}
