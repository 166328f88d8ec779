using System.Threading.Channels;
using GraphQL;
using GraphQL.Transport;
using GraphQLParser.AST;
using Koubou.Gateway.GraphQL.Streams;
using Koubou.Gateway.Keys;

namespace Koubou.Gateway.GraphQL.Transport;

/// <summary>One operation whose results, one or many, are sent as they come.</summary>
internal sealed class Operation(GraphQlExecutor executor, GraphQLRequest request, Caller caller)
{
    /// <summary>Ends with the operation's last result. True: it ran; false: it was refused before.</summary>
    public async Task<bool> RunAsync(
        GraphQLDocument? document,
        ExecutionError? error,
        Func<ExecutionResult, Task> send,
        CancellationToken cancellationToken)
    {
        if (document is null)
        {
            await send(new ExecutionResult(error!));
            return false;
        }

        using var pace = new Pace();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var result = await executor.RunAsync(request, document, caller, pace, ended.Token);
        if (result.Streams is not { Count: > 0 } streams)
        {
            await send(result);
            return result.Executed;
        }

        var results = Channel.CreateUnbounded<ExecutionResult>(new UnboundedChannelOptions { SingleReader = true });
        using var subscription = streams.Single().Value.Subscribe(new Writer(results.Writer));
        try
        {
            // The pace lets only one item be on its way, so the channel never holds more.
            await foreach (var item in results.Reader.ReadAllAsync(ended.Token))
            {
                await send(item);
                pace.Sent();
            }
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            await send(new ExecutionResult(executor.Explain(failure)));
            return false;
        }
        finally
        {
            await ended.CancelAsync();
        }

        return true;
    }

    private sealed class Writer(ChannelWriter<ExecutionResult> results) : IObserver<ExecutionResult>
    {
        public void OnNext(ExecutionResult value) => results.TryWrite(value);

        public void OnCompleted() => results.TryComplete();

        public void OnError(Exception error) => results.TryComplete(error);
    }
}
