using Grpc.Core;
using Grpc.Core.Interceptors;
using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.ServiceDefaults.Scheduling;

namespace Koubou.Scheduler.Grpc;

/// <summary>
/// Where a join key is set, every call needs it, not only a worker node's hello: who reaches the port could otherwise
/// submit and read tasks past all keys of the gateway.
/// </summary>
internal sealed class JoinKeyGuard(NodeDoor door) : Interceptor
{
    private const string ExternalScalerMethods = "/externalscaler.";

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, responseStream, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(requestStream, context);
    }

    // A node's stream carries the key in its hello, and KEDA in what it is told to say, for it sends no headers: both look
    // for themselves.
    private void Check(ServerCallContext context)
    {
        if (!context.Method.StartsWith(ExternalScalerMethods, StringComparison.Ordinal)
            && !door.Knows(context.RequestHeaders.GetValue(JoinKey.Header) ?? ""))
        {
            throw new RpcException(new Status(
                StatusCode.Unauthenticated,
                $"This scheduler asks for a join key. Give the calling service the scheduler's own, in {JoinKey.SettingKey}."));
        }
    }
}
