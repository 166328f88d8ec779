namespace Koubou.Gateway.Errors;

internal sealed class ProblemResult(Problem problem) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext);
}
