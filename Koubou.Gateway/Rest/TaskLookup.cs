using Grpc.Core;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Rest;

/// <summary>Finds one task, now or once it is finished.</summary>
internal sealed class TaskLookup(
    TaskQueue.TaskQueueClient scheduler, CallLimits limits, IHostApplicationLifetime lifetime)
{
    /// <summary>The record, or the problem that there is no such task or that <c>wait</c> is no time.</summary>
    public async Task<(TaskRecord? Record, Problem? Problem)> FindAsync(HttpRequest request, string id, bool includeOutput)
    {
        if (!WaitQuery.TryRead(request, out var wait, out var fault))
        {
            return (null, Problems.InvalidField("wait", fault!));
        }

        var record = wait is { } time
            ? await WaitAsync(id, time, includeOutput, request.HttpContext.RequestAborted)
            : await GetAsync(id, includeOutput, request.HttpContext.RequestAborted);
        return record is null ? (null, Problems.UnknownTask(id)) : (record, null);
    }

    /// <summary>The record, or null when no task has that id.</summary>
    public async Task<TaskRecord?> GetAsync(string id, bool includeOutput, CancellationToken cancellationToken)
    {
        try
        {
            return await scheduler.GetAsync(
                new GetRequest { Id = id, IncludeOutput = includeOutput }, limits.Brief(cancellationToken));
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The record once the task is finished or the time is up; null when no task has that id.</summary>
    public async Task<TaskRecord?> WaitAsync(
        string id, TimeSpan wait, bool includeOutput, CancellationToken cancellationToken)
    {
        var request = new WaitRequest
        {
            Ids = { id },
            All = true,
            Timeout = Duration.FromTimeSpan(wait),
            IncludeOutput = includeOutput,
        };
        using var until = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, lifetime.ApplicationStopping);
        try
        {
            var reply = await scheduler.WaitAsync(request, limits.Within(wait, until.Token));
            return reply.Tasks.Count == 0 ? null : reply.Tasks[0];
        }
        catch (RpcException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // This gateway stops: the state of now is an honest answer, and the client may wait again elsewhere.
            return await GetAsync(id, includeOutput, cancellationToken);
        }
    }
}
