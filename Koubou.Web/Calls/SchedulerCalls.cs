using Grpc.Core;
using Koubou.Contracts;
using Koubou.Web.Language;
using Koubou.Web.Security;
using Microsoft.Extensions.Localization;

namespace Koubou.Web.Calls;

/// <summary>What a person does or looks up on a page, as calls to the scheduler; every answer is waited for, but not for ever.</summary>
public sealed class SchedulerCalls(
    TaskQueue.TaskQueueClient scheduler, Reader reader, IStringLocalizer<Words> say, IStringLocalizer<Errors> errors, TimeProvider clock)
{
    private const int PageMax = 1_000;
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ManyTimeMax = TimeSpan.FromMinutes(2);

    public Task<Answer<ListReply>> ListAsync(ListRequest request, CancellationToken cancellation = default) =>
        AskAsync(scheduler.ListAsync, request, cancellation);

    public Task<Answer<ListTaskTypesReply>> TaskTypesAsync(CancellationToken cancellation = default) =>
        AskAsync(scheduler.ListTaskTypesAsync, new ListTaskTypesRequest(), cancellation);

    public Task<Answer<TaskRecord>> GetAsync(string id, CancellationToken cancellation = default) =>
        AskAsync(scheduler.GetAsync, new GetRequest { Id = id }, cancellation);

    public Task<Answer<SubmitReply>> SubmitAsync(TaskSpec spec, CancellationToken cancellation = default)
    {
        if (!reader.Rights.MaySubmit)
        {
            return Refused<SubmitReply>();
        }

        // Who signed in asks; without keys, the dashboard does.
        spec.Client = reader.Rights.IsSignedIn ? reader.Rights.Name : spec.Client;
        var request = new SubmitRequest { Tasks = { spec }, Caller = reader.Rights.ToCaller() };
        return AskAsync(scheduler.SubmitAsync, request, cancellation);
    }

    public Task<Answer<ChangeCount>> CancelAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation = default) =>
        ChangeAsync(scheduler.CancelAsync, ids, cancellation);

    public Task<Answer<ChangeCount>> RetryAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation = default) =>
        ChangeAsync(scheduler.RetryAsync, ids, cancellation);

    public Task<Answer<ChangeCount>> DeleteAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation = default) =>
        ChangeAsync(scheduler.DeleteAsync, ids, cancellation);

    /// <summary>Changes all tasks that a filter selects, however many they are.</summary>
    public async Task<Answer<ChangeCount>> ChangeMatchingAsync(
        ListRequest filter, Change change, bool everything = false, CancellationToken cancellation = default)
    {
        if (!reader.Rights.MayAct)
        {
            return await Refused<ChangeCount>();
        }

        var request = new ChangeMatchingRequest { Filter = filter, Change = change, Everything = everything };
        var answer = await AskAsync(scheduler.ChangeMatchingAsync, request, cancellation, ManyTimeMax);
        return new(answer.Value is { } reply ? new ChangeCount(reply.Changed, reply.PassedOver) : null, answer.Refusal);
    }

    public Task<Answer<ListBatchesReply>> BatchesAsync(ListBatchesRequest request, CancellationToken cancellation = default) =>
        AskAsync(scheduler.ListBatchesAsync, request, cancellation);

    public Task<Answer<Batch>> BatchAsync(string id, CancellationToken cancellation = default) =>
        AskAsync(scheduler.GetBatchAsync, new GetBatchRequest { Id = id }, cancellation);

    public Task<Answer<SettingsReply>> SettingsAsync(CancellationToken cancellation = default) =>
        reader.Rights.MayAct ? AskAsync(scheduler.GetSettingsAsync, new SettingsRequest(), cancellation) : Refused<SettingsReply>();

    public Task<Answer<WorkerNode>> ControlAsync(ControlNodeRequest request, CancellationToken cancellation = default) =>
        reader.Rights.MayAct ? AskAsync(scheduler.ControlNodeAsync, request, cancellation) : Refused<WorkerNode>();

    private async Task<Answer<ChangeCount>> ChangeAsync(
        Func<ChangeRequest, CallOptions, AsyncUnaryCall<ChangeReply>> call,
        IReadOnlyCollection<string> ids,
        CancellationToken cancellation)
    {
        if (!reader.Rights.MayAct)
        {
            return await Refused<ChangeCount>();
        }

        var changed = 0;
        foreach (var chunk in ids.Chunk(PageMax))
        {
            var answer = await AskAsync(call, new ChangeRequest { Ids = { chunk } }, cancellation);
            if (answer.Value is not { } reply)
            {
                return new(new ChangeCount(changed, ids.Count - changed), answer.Refusal);
            }

            changed += reply.Results.Count(result => result.Outcome == ChangeOutcome.Changed);
        }

        return new(new ChangeCount(changed, ids.Count - changed), null);
    }

    private Task<Answer<T>> Refused<T>()
        where T : class => Task.FromResult(new Answer<T>(null, new Refusal(StatusCode.PermissionDenied, say["Keys.NotAllowed"], [])));

    private async Task<Answer<TReply>> AskAsync<TRequest, TReply>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call,
        TRequest request,
        CancellationToken cancellation,
        TimeSpan? longest = null)
        where TReply : class
    {
        var options = new CallOptions(
            deadline: (clock.GetUtcNow() + (longest ?? AnswerTimeMax)).UtcDateTime, cancellationToken: cancellation);
        try
        {
            return new(await call(request, options), null);
        }
        catch (RpcException error) when (!cancellation.IsCancellationRequested)
        {
            return new(null, Refusal.Of(error, errors));
        }
        catch (RpcException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }
}

/// <summary>What came back, or why nothing did.</summary>
public readonly record struct Answer<T>(T? Value, Refusal? Refusal)
    where T : class;

/// <summary>How many tasks an action changed, and how many it left because their state forbids it.</summary>
public sealed record ChangeCount(long Changed, long Left);
