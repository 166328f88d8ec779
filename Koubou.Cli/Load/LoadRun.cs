using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Load;

/// <summary>
/// Puts the load on: each of some clients submits a task, waits for its answer, and goes on with the next, so that no
/// more than that many tasks are ever open.
/// </summary>
internal sealed class LoadRun(GatewayClient gateway, LoadPlan plan, TimeProvider time)
{
    private const string HoldSeconds = "30";
    private static readonly TimeSpan PausePreset = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<LoadSample> _samples = new();
    private int _next;
    private int _refusals;

    /// <summary>Tasks that have finished so far.</summary>
    public int Finished => _samples.Count;

    /// <summary>Runs until all tasks have finished, the time is up, or the caller has enough; then tells what it measured.</summary>
    public async Task<LoadReport> RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(plan.Timeout);
        var started = time.GetTimestamp();
        var clients = Enumerable.Range(0, Math.Min(plan.Concurrency, plan.Tasks)).Select(_ => WorkAsync(over)).ToList();
        try
        {
            await Task.WhenAll(clients);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && clients.TrueForAll(client => !client.IsFaulted))
        {
            // The time is up, or somebody has seen enough.
        }

        return LoadReport.Of(plan, _samples, _refusals, time.GetElapsedTime(started));
    }

    private async Task WorkAsync(CancellationTokenSource over)
    {
        try
        {
            for (var number = Interlocked.Increment(ref _next); number <= plan.Tasks; number = Interlocked.Increment(ref _next))
            {
                await OneAsync(number, over.Token);
            }
        }
        catch (WorkshopException)
        {
            // One client that cannot go on ends the test; the others would only repeat it.
            await over.CancelAsync();
            throw;
        }
    }

    private async Task OneAsync(int number, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var receipt = await SubmitAsync(number, cancellationToken);
        var submitted = time.GetElapsedTime(started);
        try
        {
            var task = await WaitAsync(receipt.Id, cancellationToken);
            _samples.Enqueue(new LoadSample(
                task.State,
                task.Notice is not null,
                submitted,
                task.StartedAt - task.SubmittedAt,
                task.FinishedAt - task.StartedAt,
                time.GetElapsedTime(started)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _samples.Enqueue(new LoadSample("unfinished", false, submitted, null, null, null));
            throw;
        }
    }

    private async Task<ReceiptJson> SubmitAsync(int number, CancellationToken cancellationToken)
    {
        var task = new JsonObject { ["prompt"] = $"{plan.Prompt} ({number})", ["batch_id"] = plan.Batch };
        if (plan.Type is not null)
        {
            task["type"] = plan.Type;
        }

        while (true)
        {
            try
            {
                var reply = await gateway.PostAsync("tasks", task, cancellationToken);
                return reply.Deserialize(WorkshopJson.Default.ReceiptJson)!;
            }
            catch (WorkshopException error) when (error.RetryAfter is { } wanted)
            {
                // A full queue is an answer too: it is counted, and heeded.
                Interlocked.Increment(ref _refusals);
                await Task.Delay(wanted < PauseMax ? wanted < PausePreset ? PausePreset : wanted : PauseMax, time, cancellationToken);
            }
        }
    }

    private async Task<TaskJson> WaitAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var task = await gateway.GetAsync($"tasks/{id}?wait={HoldSeconds}", WorkshopJson.Default.TaskJson, cancellationToken);
            if (task.IsFinal)
            {
                return task;
            }
        }
    }
}
