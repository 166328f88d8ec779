using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Koubou.Contracts.Schemas;

/// <summary>
/// A JSON schema (draft 2020-12, and what older drafts wrote otherwise) that answers are held against. What it cannot
/// judge it refuses when it is read, so that no answer passes unseen: schemas in other documents, dynamic references and
/// the <c>unevaluated</c> keywords. <c>format</c> is a note, as the standard has it.
/// </summary>
public sealed class JsonSchema
{
    private readonly JsonElement _root;
    private readonly SchemaReferences _references;

    private JsonSchema(JsonElement root, SchemaReferences references)
    {
        _root = root;
        _references = references;
    }

    /// <summary>Reads a schema. False: the faults say where and why it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonSchema? schema, out IReadOnlyList<string> faults)
    {
        schema = null;
        JsonElement root;
        try
        {
            root = JsonElement.Parse(text);
        }
        catch (JsonException exception)
        {
            faults = [$"is not JSON: {exception.Message}"];
            return false;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            faults = ["must be a JSON schema: a JSON object"];
            return false;
        }

        var references = new SchemaReferences(root);
        var found = SchemaRules.FindFaults(root, references);
        faults = found;
        schema = found.Count == 0 ? new JsonSchema(root, references) : null;
        return schema is not null;
    }

    /// <summary>What is wrong with a value, each fault with its place. Empty: it satisfies the schema.</summary>
    public IReadOnlyList<string> FindFaults(JsonElement value)
    {
        var evaluation = new SchemaEvaluation(_references);
        evaluation.Check(_root, value, "");
        return evaluation.Faults;
    }
}
