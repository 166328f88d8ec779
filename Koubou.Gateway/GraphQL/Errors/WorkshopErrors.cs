using GraphQL;
using GraphQL.Execution;
using Grpc.Core;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.GraphQL.Errors;

/// <summary>What an error says to the client: never a stack trace, never an exception's own words.</summary>
internal sealed class WorkshopErrors : ErrorInfoProvider
{
    public override ErrorInfo GetInfo(ExecutionError executionError)
    {
        if (executionError is ProblemError problem)
        {
            return new ErrorInfo { Message = problem.Message, Extensions = problem.Extensions };
        }

        if (executionError.InnerException is RpcException error)
        {
            var known = SchedulerErrors.ToProblem(error);
            return new ErrorInfo { Message = ProblemError.Sentence(known), Extensions = ProblemError.Describe(known) };
        }

        return base.GetInfo(executionError);
    }
}
