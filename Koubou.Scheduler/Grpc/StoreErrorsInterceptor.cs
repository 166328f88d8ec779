using Grpc.Core;
using Grpc.Core.Interceptors;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Grpc;

/// <summary>Translates what the store refuses, once for all calls.</summary>
internal sealed class StoreErrorsInterceptor : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (QueueFullException error)
        {
            throw RpcErrors.Full(error);
        }
        catch (StoreUnusableException error)
        {
            throw RpcErrors.Unusable(error);
        }
    }
}
