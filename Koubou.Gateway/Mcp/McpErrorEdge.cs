using Grpc.Core;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Mcp.Tools;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp;

/// <summary>
/// Turns whatever goes wrong in a handler into an error of the protocol, and logs what nobody expected, once. The SDK
/// logs every refusal as a fault of the server with its stack, also those that a client's typing error caused: that log
/// is switched off.
/// </summary>
internal sealed partial class McpErrorEdge(ILogger<McpErrorEdge> logger) : IConfigureOptions<McpServerOptions>
{
    /// <summary>The category of the SDK's own log.</summary>
    public const string ReplacedLog = "ModelContextProtocol.Server.McpServer";

    public void Configure(McpServerOptions options)
    {
        var filters = options.Filters.Request;
        filters.CallToolFilters.Add(Guard);
        filters.ReadResourceFilters.Add(Guard);
        filters.ListResourcesFilters.Add(Guard);
        filters.GetPromptFilters.Add(Guard);
        filters.CompleteFilters.Add(Guard);
    }

    private McpRequestHandler<TParams, TResult> Guard<TParams, TResult>(McpRequestHandler<TParams, TResult> next) =>
        async (request, cancellationToken) =>
        {
            try
            {
                return await next(request, cancellationToken);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // The client gave up: whatever that broke on its way is no news.
                throw new OperationCanceledException(cancellationToken);
            }
            catch (RpcException error)
            {
                throw new McpProtocolException(
                    ToolRefusal.Explain(SchedulerErrors.ToProblem(error)), error, McpErrorCode.InternalError);
            }
            catch (Exception error) when (error is not (McpException or InputRequiredException))
            {
                LogUnexpected(logger, error, request.JsonRpcRequest.Method);
                throw;
            }
        };

    [LoggerMessage(LogLevel.Error, "MCP {Method} failed")]
    private static partial void LogUnexpected(ILogger logger, Exception error, string method);
}
