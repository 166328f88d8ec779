using Grpc.Core;
using Grpc.Core.Interceptors;
using Koubou.Scheduler.Operations;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Grpc;

/// <summary>Translates, once for all calls, what the store refuses and what the end of a call or of the service cuts off.</summary>
internal sealed class ErrorInterceptor(IHostApplicationLifetime lifetime) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception error) when (Translate(error, context) is { } translated)
        {
            throw translated;
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception error) when (Translate(error, context) is { } translated)
        {
            throw translated;
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception error) when (Translate(error, context) is { } translated)
        {
            throw translated;
        }
    }

    private RpcException? Translate(Exception error, ServerCallContext context) => error switch
    {
        FaultySubmitException faulty => RpcErrors.Invalid(faulty.Faults),
        FaultyRecordException faulty => RpcErrors.Invalid([faulty.Fault]),
        QueueFullException full => RpcErrors.Full(full),
        StoreUnusableException unusable => RpcErrors.Unusable(unusable),
        OperationCanceledException or IOException or InvalidOperationException
            when context.CancellationToken.IsCancellationRequested => RpcErrors.CallerLeft(),
        OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested => RpcErrors.Stopping(),
        _ => null,
    };
}
