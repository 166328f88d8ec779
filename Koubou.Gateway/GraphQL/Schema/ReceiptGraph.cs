using GraphQL.Types;
using Koubou.Gateway.Rest.Native;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>A receipt: the native view, and beside it the words of v2.1 (<c>taskId status</c>).</summary>
internal sealed class ReceiptGraph : ViewType<ReceiptView>
{
    public ReceiptGraph()
        : base(receipt => receipt.Id, receipt => receipt.State)
    {
        Description = "A task that is safely on disk.";
        Field<NonNullGraphType<IdGraphType>>("id").Resolve(context => context.Source.Id);
        Field<NonNullGraphType<IdGraphType>>("taskId").Resolve(context => context.Source.Id);
        Field<NonNullGraphType<StateEnum>>("state").Resolve(context => context.Source.State);
        Field<NonNullGraphType<StringGraphType>>("status")
            .Description("The word of v2.1: pending, in_progress, completed, failed or cancelled.")
            .Resolve(context => TaskGraph.LegacyWord(context.Source.State));
    }
}
