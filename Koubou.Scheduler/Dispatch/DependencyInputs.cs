using System.Text;
using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Dispatch;

/// <summary>Hands the outputs of dependencies over to the tasks that ask for them.</summary>
internal sealed class DependencyInputs(IQueueStore store)
{
    private const int BytesMax = 4 * 1024 * 1024;

    /// <summary>The same tasks with their inputs, without those whose inputs are too large: these fail.</summary>
    public async ValueTask<IReadOnlyList<LeasedTask>> FillAsync(
        IReadOnlyList<LeasedTask> leased, CancellationToken cancellation)
    {
        if (!leased.Any(task => task.Spec.PassOutputs))
        {
            return leased;
        }

        var filled = new List<LeasedTask>(leased.Count);
        foreach (var task in leased)
        {
            var inputs = task.Spec.PassOutputs ? await ReadAsync(task.Spec.DependsOn, cancellation) : [];
            var bytes = inputs.Sum(input => (long)Encoding.UTF8.GetByteCount(input.Output));
            if (bytes > BytesMax)
            {
                await FailAsync(task, bytes);
            }
            else
            {
                filled.Add(task with { Inputs = inputs });
            }
        }

        return filled;
    }

    private async Task<List<DependencyOutput>> ReadAsync(IEnumerable<string> ids, CancellationToken cancellation)
    {
        var inputs = new List<DependencyOutput>();
        foreach (var id in ids)
        {
            if (await store.GetAsync(id, includeOutput: true, cancellation) is { State: TaskState.Succeeded } record)
            {
                inputs.Add(new DependencyOutput { TaskId = id, Output = record.Output });
            }
        }

        return inputs;
    }

    private async Task FailAsync(LeasedTask task, long bytes)
    {
        var error = new TaskError
        {
            Code = "inputs_too_large",
            Message = $"The outputs of the dependencies have {bytes:N0} bytes; at most {BytesMax:N0} are handed over. "
                + "Let a task between summarise them.",
            Kind = FailureKind.Permanent,
        };
        await store.SettleAsync([new FailedSettlement(task.Lease, new Failed { Error = error })], CancellationToken.None);
    }
}
