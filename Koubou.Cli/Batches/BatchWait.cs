using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Batches;

/// <summary>Waits until every task of a batch has finished.</summary>
internal static class BatchWait
{
    public static async Task<int> RunAsync(Session session, string id, CancellationToken cancellationToken)
    {
        var batch = await ReadAsync(session, id, cancellationToken);
        if (batch.FinishedAt is null)
        {
            batch = await FollowAsync(session, id, cancellationToken);
        }

        var succeeded = batch.Tasks.GetValueOrDefault("succeeded");
        await session.Surface.NoteAsync(
            $"{Describe(batch)}, after {Figures.Between(batch.SubmittedAt, batch.FinishedAt)}."
            + (succeeded < batch.Total ? $" Why: koubou list --batch {id} --state failed" : ""));
        return succeeded == batch.Total ? ExitCode.Done : ExitCode.Failed;
    }

    // The log of changes says when to look; the batch says how it stands.
    private static async Task<BatchJson> FollowAsync(Session session, string id, CancellationToken cancellationToken)
    {
        var events = new ServerEvents(session.Gateway, TimeProvider.System);
        try
        {
            await foreach (var item in events.ReadAsync($"events?batch_id={GatewayClient.Escape(id)}", cancellationToken))
            {
                if (item.EventType == "task_update"
                    && JsonSerializer.Deserialize(item.Data, WorkshopJson.Default.ChangeEventJson)!.State is "queued" or "running")
                {
                    continue;
                }

                var batch = await ReadAsync(session, id, cancellationToken);
                if (batch.FinishedAt is not null)
                {
                    return batch;
                }

                session.Surface.Status.Show(Describe(batch));
            }
        }
        finally
        {
            session.Surface.Status.Clear();
        }

        throw new WorkshopException("The log of changes ended.");
    }

    private static Task<BatchJson> ReadAsync(Session session, string id, CancellationToken cancellationToken) =>
        session.Gateway.GetAsync($"batches/{GatewayClient.Escape(id)}", WorkshopJson.Default.BatchJson, cancellationToken);

    private static string Describe(BatchJson batch) =>
        string.Join(", ", batch.Tasks.Select(state => $"{Figures.Count(state.Value)} {state.Key}")) + $" of {Figures.Count(batch.Total)}";
}
