using System.Runtime.CompilerServices;
using Koubou.Contracts;
using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Submission;
using Koubou.Scheduler.Tasks;
using Koubou.Scheduler.TaskTypes;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Operations;

/// <summary>Tasks with their history leave this workshop, or come in from another.</summary>
internal sealed class TaskTransfer(
    IQueueStore store, ArtifactStore artifacts, TaskTypeRegistry types, IOptions<SubmitLimits> limits)
{
    private const int PageSize = 100;

    /// <summary>What a filter selects, oldest first, outputs included.</summary>
    public async IAsyncEnumerable<TaskRecord> ExportAsync(
        ListRequest? filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var page = filter?.Clone() ?? new ListRequest();
        page.PageSize = PageSize;
        page.PageToken = "";
        page.TotalMax = 1;
        page.Skip = 0;
        page.Order = TaskOrder.Unspecified;
        page.OldestFirst = true;
        page.IncludeOutput = true;
        do
        {
            var found = await store.ListAsync(page, cancellation);
            foreach (var record in found.Tasks)
            {
                yield return record;
            }

            page.PageToken = found.NextPageToken;
        }
        while (page.PageToken.Length > 0);
    }

    /// <summary>
    /// Takes records in, page by page, until one is not acceptable: what came before it stays, so that the same file can
    /// be imported again once it is mended.
    /// </summary>
    /// <exception cref="FaultyRecordException">A record is not acceptable.</exception>
    public async Task<ImportReply> ImportAsync(IAsyncEnumerable<TaskRecord> records, CancellationToken cancellation)
    {
        var reply = new ImportReply();
        var page = new List<TaskRecord>(PageSize);
        var line = 0;
        await foreach (var record in records.WithCancellation(cancellation))
        {
            line++;
            if (FindFault(record) is { } fault)
            {
                await TakeAsync();
                throw new FaultyRecordException(new Fault($"line {line}", fault));
            }

            page.Add(record);
            if (page.Count == PageSize)
            {
                await TakeAsync();
            }
        }

        await TakeAsync();
        return reply;

        async Task TakeAsync()
        {
            foreach (var record in page.Where(record => record.Artifacts.Count > 0))
            {
                artifacts.Refer(record.Id, record.Artifacts);
            }

            var taken = page.Count == 0 ? 0 : await store.ImportAsync(page, cancellation);
            reply.Imported += taken;
            reply.PassedOver += page.Count - taken;
            page.Clear();
        }
    }

    private string? FindFault(TaskRecord record)
    {
        if (!TaskId.TryParse(record.Id, out _))
        {
            return "has no id of a task: a UUID of version 7";
        }

        if (record.Spec is not { } spec || spec.Prompt.Length == 0)
        {
            return "has no spec with a prompt";
        }

        if (!TaskStates.All.Contains(record.State))
        {
            return "has no state";
        }

        if (spec.Priority is < 1 or > 10 || spec.AttemptsMax < 1 || spec.Client.Length == 0
            || spec.DependsOn.Any(id => !TaskId.TryParse(id, out _)))
        {
            return "lacks priority, attempts_max or client, or depends on what is no id: it is not one that an export wrote";
        }

        if (record.State.IsFinal())
        {
            return null;
        }

        if (types.Find(spec.Type) is null)
        {
            return $"is not finished and of type '{spec.Type}', which is not registered here";
        }

        return spec.DataPolicy is DataPolicy.Unspecified || spec.DataPolicy > limits.Value.LoosestDataPolicy
            ? $"is not finished and has a data policy that this workshop does not allow; it allows "
                + $"'{limits.Value.LoosestDataPolicy.ToWord()}' (Queue:Limits:LoosestDataPolicy)"
            : null;
    }
}

/// <summary>A record that cannot be taken in.</summary>
internal sealed class FaultyRecordException(Fault fault) : Exception($"{fault.Field} {fault.Message}")
{
    public Fault Fault => fault;
}
