using Grpc.Core;

namespace Koubou.Gateway.Errors;

/// <summary>Turns whatever goes wrong behind it into one problem; no stack trace ever leaves.</summary>
internal sealed partial class ErrorEdge(RequestDelegate next, ILogger<ErrorEdge> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            await ExplainBareStatusAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            LogClientLeft(logger, context.Request.Path);
        }
        catch (RpcException error)
        {
            await AnswerAsync(context, error, SchedulerErrors.ToProblem(error));
        }
        catch (BadHttpRequestException error)
        {
            await AnswerAsync(context, error, Problems.OfStatus(
                error.StatusCode, error.Message, "Send a complete, well-formed HTTP request."));
        }
        catch (Exception error)
        {
            LogUnexpected(logger, error, context.Request.Method, context.Request.Path);
            await AnswerAsync(context, error, Problems.OfStatus(
                StatusCodes.Status500InternalServerError,
                "The gateway failed on this request.",
                "This is a fault of the gateway; its log (.koubou/logs/gateway.log) says why."));
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception error, Problem problem)
    {
        if (problem.Status >= StatusCodes.Status502BadGateway)
        {
            LogSchedulerTrouble(logger, problem.Detail, context.Request.Path, error.Message);
        }

        // Half an answer is out already: breaking the connection is the only honest sign left.
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        await problem.WriteAsync(context);
    }

    private static Task ExplainBareStatusAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null
            || response.ContentLength > 0)
        {
            return Task.CompletedTask;
        }

        return BareStatus.Explain(context).WriteAsync(context);
    }

    [LoggerMessage(LogLevel.Debug, "The client left during {Path}")]
    private static partial void LogClientLeft(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogUnexpected(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(LogLevel.Warning, "{Detail} Path {Path}: {Message}")]
    private static partial void LogSchedulerTrouble(ILogger logger, string detail, string path, string message);
}
