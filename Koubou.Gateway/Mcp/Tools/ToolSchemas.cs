using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>JSON schemas of what tools take and give.</summary>
internal static class ToolSchemas
{
    private static readonly JsonSchemaExporterOptions Export = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Describe,
    };

    /// <summary>The arguments of a tool: an object with those properties and no others.</summary>
    public static JsonElement Arguments(IEnumerable<KeyValuePair<string, JsonNode?>> properties, params string[] required)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(properties),
            ["additionalProperties"] = false,
        };
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        }

        return JsonSerializer.SerializeToElement(schema, SchemaJson.Default.JsonObject);
    }

    public static KeyValuePair<string, JsonNode?> Text(string name, string description) =>
        Property(name, "string", description);

    public static KeyValuePair<string, JsonNode?> Flag(string name, string description) =>
        Property(name, "boolean", description);

    public static KeyValuePair<string, JsonNode?> WholeNumber(string name, string description, int min, int max)
    {
        var property = Property(name, "integer", description);
        property.Value!["minimum"] = min;
        property.Value["maximum"] = max;
        return property;
    }

    public static KeyValuePair<string, JsonNode?> Word(string name, string description, params IEnumerable<string> words)
    {
        var property = Property(name, "string", description);
        property.Value!["enum"] = Words(words);
        return property;
    }

    public static KeyValuePair<string, JsonNode?> Texts(string name, string description, params IEnumerable<string> words)
    {
        var property = Property(name, "array", description);
        var items = new JsonObject { ["type"] = "string" };
        if (Words(words) is { Count: > 0 } allowed)
        {
            items["enum"] = allowed;
        }

        property.Value!["items"] = items;
        return property;
    }

    /// <summary>A schema that the API document has already, as JSON schema 2020-12.</summary>
    public static JsonNode Of(OpenApiSchema schema)
    {
        using var text = new StringWriter();
        schema.SerializeAsV31(new OpenApiJsonWriter(text));
        return JsonNode.Parse(text.ToString())!;
    }

    /// <summary>The schema of a reply.</summary>
    public static JsonElement Of(JsonTypeInfo reply) =>
        JsonSerializer.SerializeToElement(reply.GetJsonSchemaAsNode(Export), SchemaJson.Default.JsonNode);

    private static KeyValuePair<string, JsonNode?> Property(string name, string type, string description) =>
        new(name, new JsonObject { ["type"] = type, ["description"] = description });

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => JsonValue.Create(word))]);

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        var words = context.PropertyInfo?.AttributeProvider?
            .GetCustomAttributes(typeof(DescriptionAttribute), inherit: true)
            .OfType<DescriptionAttribute>()
            .FirstOrDefault();
        if (words is not null && schema is JsonObject fields)
        {
            fields["description"] = words.Description;
        }

        LeaveOptional(schema);
        return schema;
    }

    // What may be null is left out of a reply instead, so no schema may ask for it.
    private static void LeaveOptional(JsonNode schema)
    {
        if (schema is not JsonObject || schema["required"] is not JsonArray required || schema["properties"] is not JsonObject properties)
        {
            return;
        }

        string[] always = [.. required.Select(name => (string)name!).Where(name => !MayBeNull(properties[name]))];
        schema["required"] = new JsonArray([.. always.Select(name => JsonValue.Create(name))]);
    }

    private static bool MayBeNull(JsonNode? property) => property is not JsonObject fields || fields["type"] switch
    {
        JsonArray types => types.Any(type => (string?)type == "null"),
        null => !fields.ContainsKey("$ref"),
        _ => false,
    };
}
