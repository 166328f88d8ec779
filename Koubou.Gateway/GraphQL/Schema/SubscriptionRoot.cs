using GraphQL;
using GraphQL.Types;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.GraphQL.Streams;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Native;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>Everything that can be followed.</summary>
internal sealed class SubscriptionRoot : ObjectGraphType
{
    public SubscriptionRoot(WorkshopStreams streams, TaskLookup lookup)
    {
        Name = "Subscription";
        Field<NonNullGraphType<ViewType<EventNote>>, EventNote>("taskEvents")
            .Description("Changes of tasks: all of them, or those of some tasks, types or a batch. The first message carries "
                + "no change: it says from where on the watch sees everything.")
            .Argument<LongGraphType>("from", argument => argument.Description =
                "First sequence number wanted: the last one seen plus 1. Without it only what happens from now on.")
            .Argument<ListGraphType<NonNullGraphType<IdGraphType>>>("taskIds")
            .Argument<ListGraphType<NonNullGraphType<StringGraphType>>>("types")
            .Argument<StringGraphType>("batchId")
            .ResolveStream(context => Paced(context, streams.EventsAsync(Wanted(context), context.CancellationToken)));
        Field<NonNullGraphType<ViewType<OutputNote>>, OutputNote>("taskOutput")
            .Description("The output of one task as it is written; ends with the finished task.")
            .Argument<NonNullGraphType<IdGraphType>>("id")
            .Argument<LongGraphType>("fromOffset", argument =>
            {
                argument.DefaultValue = 0L;
                argument.Description = "The nextOffset of the last piece seen.";
            })
            .Argument<IntGraphType>("fromAttempt", argument =>
            {
                argument.DefaultValue = 0;
                argument.Description = "The attempt of the last piece seen: when another has begun since, a reset comes first.";
            })
            .ResolveStreamAsync(async context =>
            {
                var request = new WatchOutputRequest
                {
                    Id = context.GetArgument<string>("id"),
                    FromOffset = QueryRoot.WholeNumber(context, "fromOffset", 0, long.MaxValue),
                    FromAttempt = (int)QueryRoot.WholeNumber(context, "fromAttempt", 0, int.MaxValue),
                };
                return await lookup.GetAsync(request.Id, includeOutput: false, context.CancellationToken) is null
                    ? throw new ProblemError(Problems.UnknownTask(request.Id))
                    : Paced(context, streams.OutputAsync(request, context.CancellationToken));
            });
        Field<NonNullGraphType<StatusGraph>, StatusView>("systemStatus")
            .Description("The workshop as a whole, now and after changes.")
            .ResolveStream(context => Paced(context, streams.StatusAsync(context.CancellationToken)));
    }

    private static PacedStream<T> Paced<T>(IResolveFieldContext context, IAsyncEnumerable<T> source) =>
        new(source, (Pace)context.UserContext[Pace.Key]!, context.CancellationToken);

    /// <summary>Which changes the arguments ask for.</summary>
    public static WatchEventsRequest Wanted(IResolveFieldContext context) => new()
    {
        FromSequence = context.HasArgument("from") ? QueryRoot.WholeNumber(context, "from", 1, long.MaxValue) : 0,
        TaskIds = { context.GetArgument<List<string>?>("taskIds") ?? [] },
        Types_ = { context.GetArgument<List<string>?>("types") ?? [] },
        BatchId = context.GetArgument<string?>("batchId") ?? "",
    };
}
