using GraphQL;
using GraphQL.Execution;
using GraphQL.Transport;
using GraphQL.Types;
using GraphQL.Validation;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;
using Grpc.Core;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.GraphQL.Limits;
using Koubou.Gateway.GraphQL.Streams;
using Koubou.Gateway.Keys;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.GraphQL;

/// <summary>Runs one GraphQL request, whatever transport brought it.</summary>
internal sealed partial class GraphQlExecutor(
    IDocumentExecuter executer,
    IDocumentBuilder parser,
    ISchema schema,
    DocumentLimits limits,
    IServiceProvider services,
    ILogger<GraphQlExecutor> logger)
{
    private const string CallerKey = "caller";

    /// <summary>Who sent the request that a resolver answers.</summary>
    public static Caller CallerOf(IResolveFieldContext context) => (Caller)context.UserContext[CallerKey]!;

    /// <summary>Reads the document, and says what is wrong with it before anything runs.</summary>
    public (GraphQLDocument? Document, ExecutionError? Error) Read(string query)
    {
        try
        {
            var document = parser.Build(query);
            return limits.Check(document) is { } problem ? (null, new ProblemError(problem)) : (document, null);
        }
        catch (ExecutionError error)
        {
            return (null, error);
        }
        catch (GraphQLParserException error)
        {
            return (null, new RequestError("The document nests too deep.", error));
        }
    }

    /// <summary>What the request would do; null when the document has no such operation.</summary>
    public static OperationType? KindOf(GraphQLDocument document, string? operationName) => document.Definitions
        .OfType<GraphQLOperationDefinition>()
        .FirstOrDefault(operation => string.IsNullOrEmpty(operationName)
            || operation.Name?.StringValue == operationName)?.Operation;

    /// <summary>What a key must grant for this operation.</summary>
    public static KeyScopes ScopeOf(GraphQLDocument document, string? operationName) =>
        KindOf(document, operationName) == OperationType.Mutation ? KeyScopes.Submit : KeyScopes.Read;

    /// <param name="request">The request.</param>
    /// <param name="document">Its document, as <see cref="Read"/> gave it.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="pace">How fast a subscription's items leave.</param>
    /// <param name="cancellationToken">Ends the operation; for a subscription also its stream.</param>
    public Task<ExecutionResult> RunAsync(
        GraphQLRequest request,
        GraphQLDocument document,
        Caller caller,
        Pace pace,
        CancellationToken cancellationToken) => executer.ExecuteAsync(new ExecutionOptions
    {
        Schema = schema,
        Query = request.Query,
        Document = document,
        OperationName = request.OperationName,
        Variables = request.Variables,
        Extensions = request.Extensions,
        RequestServices = services,
        UserContext = new Dictionary<string, object?> { [CallerKey] = caller, [Pace.Key] = pace },
        UnhandledExceptionDelegate = LogUnexpectedAsync,
        CancellationToken = cancellationToken,
    });

    /// <summary>What the client hears of a subscription that broke.</summary>
    public ExecutionError Explain(Exception failure)
    {
        if (failure is RpcException error)
        {
            return new ProblemError(SchedulerErrors.ToProblem(error));
        }

        LogFailed(logger, failure, "subscription");
        return new ExecutionError("The gateway failed on this subscription.");
    }

    private Task LogUnexpectedAsync(UnhandledExceptionContext context)
    {
        if (context.OriginalException is not RpcException)
        {
            LogFailed(logger, context.OriginalException, context.FieldContext?.FieldDefinition.Name);
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Error, "The GraphQL field {Field} failed")]
    private static partial void LogFailed(ILogger logger, Exception error, string? field);
}
