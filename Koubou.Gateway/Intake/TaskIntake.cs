using System.Diagnostics;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Intake;

/// <summary>Hands drafts to the scheduler, for every door alike.</summary>
internal sealed class TaskIntake(TaskQueue.TaskQueueClient scheduler, CallLimits limits)
{
    // The channel's bound; a larger message would be refused by the client library in words nobody understands.
    private const int MessageBytesMax = 64 * 1024 * 1024;

    /// <summary>Enqueues all tasks of the draft, or none and says every fault at once.</summary>
    public async Task<IntakeResult> SubmitAsync(Draft draft, Caller caller, CancellationToken cancellationToken)
    {
        if (draft.Specs.Count == 0 && draft.Faults.Any)
        {
            return Refused(Problems.InvalidRequest(draft.Faults));
        }

        var request = ToRequest(draft, caller);
        if (draft.IsBatch && request.CalculateSize() > MessageBytesMax)
        {
            return Refused(Problems.BodyTooLarge(MessageBytesMax));
        }

        try
        {
            var reply = await scheduler.SubmitAsync(request, limits.Brief(cancellationToken));
            if (!draft.Faults.Any)
            {
                return new IntakeResult(reply.Receipts, null);
            }
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.InvalidArgument)
        {
            draft.Faults.Merge(SchedulerErrors.ReadFaults(error, single: !draft.IsBatch));
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested && !draft.Faults.Any)
        {
            return Refused(SchedulerErrors.ToProblem(error));
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // The faults of shape are known without the scheduler; they are answer enough.
        }

        return Refused(Problems.InvalidRequest(draft.Faults, await HintAsync(draft, cancellationToken)));
    }

    private static SubmitRequest ToRequest(Draft draft, Caller caller)
    {
        var activity = Activity.Current;
        foreach (var spec in draft.Specs)
        {
            spec.Client = caller.Client;
            if (activity is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
            {
                spec.TraceParent = id;
                spec.TraceState = activity.TraceStateString ?? "";
            }
        }

        return new SubmitRequest { Tasks = { draft.Specs }, ValidateOnly = draft.Faults.Any, Caller = caller.ToContract() };
    }

    private async Task<string?> HintAsync(Draft draft, CancellationToken cancellationToken)
    {
        if (!draft.Faults.Has(TaskFields.Type))
        {
            return null;
        }

        try
        {
            var reply = await scheduler.ListTaskTypesAsync(new ListTaskTypesRequest(), limits.Brief(cancellationToken));
            return $"Registered task types: {string.Join(", ", reply.Types_.Select(type => type.Name))}. Nothing was changed.";
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static IntakeResult Refused(Problem problem) => new([], problem);
}
