using GraphQL;
using GraphQLParser.AST;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>What a client asked for below a field.</summary>
internal static class Selection
{
    /// <summary>Whether any of these fields is asked for at any depth, fragments included.</summary>
    public static bool Asks(this IResolveFieldContext context, params ReadOnlySpan<string> names)
    {
        var waiting = new Stack<GraphQLSelectionSet?>([context.FieldAst.SelectionSet]);
        var seen = new HashSet<GraphQLSelectionSet>();
        while (waiting.TryPop(out var set))
        {
            if (set is null || !seen.Add(set))
            {
                continue;
            }

            foreach (var selection in set.Selections)
            {
                if (selection is GraphQLField field && names.Contains(field.Name.StringValue))
                {
                    return true;
                }

                waiting.Push(Below(context, selection));
            }
        }

        return false;
    }

    private static GraphQLSelectionSet? Below(IResolveFieldContext context, ASTNode selection) => selection switch
    {
        GraphQLField field => field.SelectionSet,
        GraphQLInlineFragment inline => inline.SelectionSet,
        GraphQLFragmentSpread spread => context.Document.Definitions
            .OfType<GraphQLFragmentDefinition>()
            .FirstOrDefault(fragment => fragment.FragmentName.Name.Value == spread.FragmentName.Name.Value)?.SelectionSet,
        _ => null,
    };
}
