using GraphQLParser.AST;
using Koubou.Gateway.Errors;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.GraphQL.Limits;

/// <summary>
/// Counts a document before it is validated, because validation itself takes time that grows with the square of the
/// selections, and fragments that spread each other twice double at each step.
/// </summary>
internal sealed class DocumentLimits(IOptions<GraphQlOptions> options)
{
    // Fragments nest at most this deep when expanded; more than any depth limit would let through.
    private const int NestingMax = 200;

    /// <summary>The problem with a document that is too large; null when it is not.</summary>
    public Problem? Check(GraphQLDocument document)
    {
        var max = options.Value.SelectionsMax;
        var fragments = new Dictionary<string, GraphQLFragmentDefinition>();
        foreach (var fragment in document.Definitions.OfType<GraphQLFragmentDefinition>())
        {
            fragments.TryAdd(fragment.FragmentName.Name.StringValue, fragment);
        }

        var written = 0L;
        var expanded = 0L;
        var known = new Dictionary<string, long>();
        foreach (var definition in document.Definitions)
        {
            var selections = definition switch
            {
                GraphQLOperationDefinition operation => operation.SelectionSet,
                GraphQLFragmentDefinition fragment => fragment.SelectionSet,
                _ => null,
            };
            written += 1 + Count(selections, null, known, 0)
                + ((definition as GraphQLOperationDefinition)?.Variables?.Items.Count ?? 0);
            expanded += Count(selections, fragments, known, 0);
            if (written > max || expanded > max)
            {
                return Problems.InvalidField(
                    "query",
                    $"has more than {max:N0} selections, counting what its fragments stand for; ask for less at a time");
            }
        }

        return null;
    }

    private static long Count(
        GraphQLSelectionSet? set,
        Dictionary<string, GraphQLFragmentDefinition>? fragments,
        Dictionary<string, long> known,
        int nesting)
    {
        var count = 0L;
        foreach (var selection in set?.Selections ?? [])
        {
            count += 1 + ((selection as IHasDirectivesNode)?.Directives?.Count ?? 0) + selection switch
            {
                GraphQLField field => Count(field.SelectionSet, fragments, known, nesting + 1),
                GraphQLInlineFragment inline => Count(inline.SelectionSet, fragments, known, nesting + 1),
                GraphQLFragmentSpread spread when fragments is not null =>
                    CountFragment(spread.FragmentName.Name.StringValue, fragments, known, nesting + 1),
                _ => 0,
            };
        }

        return count;
    }

    // Each fragment is counted once. One that spreads itself counts as nothing here; validation names the circle.
    private static long CountFragment(
        string name, Dictionary<string, GraphQLFragmentDefinition> fragments, Dictionary<string, long> known, int nesting)
    {
        if (known.TryGetValue(name, out var count) || nesting > NestingMax || !fragments.TryGetValue(name, out var fragment))
        {
            return count;
        }

        known[name] = 0;
        count = Math.Min(Count(fragment.SelectionSet, fragments, known, nesting), int.MaxValue);
        known[name] = count;
        return count;
    }
}
