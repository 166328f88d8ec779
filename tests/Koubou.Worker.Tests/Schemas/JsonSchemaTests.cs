using System.Text.Json;
using Koubou.Contracts.Schemas;

namespace Koubou.Worker.Tests.Schemas;

/// <summary>The cases in Suite come from the JSON-Schema-Test-Suite (MIT, see its LICENSE), draft 2020-12.</summary>
public sealed class JsonSchemaTests
{
    // What is refused when it is read rather than passed over: a schema that says one of these is not judged at all.
    private static readonly string[] Refused =
        ["unevaluated", "$dynamic", "$recursive", "http://", "https://", "urn:", "$id"];

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Schemas", "Suite");

    [Theory]
    [MemberData(nameof(Files))]
    public void Suite_OfTheStandard_IsJudgedAlike(string file)
    {
        using var suite = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file + ".json")));
        var wrong = new List<string>();
        var judged = 0;
        foreach (var group in suite.RootElement.EnumerateArray())
        {
            var text = group.GetProperty("schema").GetRawText();
            if (!JsonSchema.TryParse(text, out var schema, out var faults))
            {
                if (text[0] == '{' && !Refused.Any(text.Contains))
                {
                    wrong.Add($"refused: {group.GetProperty("description")}: {string.Join("; ", faults)}");
                }

                continue;
            }

            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                judged++;
                if (schema.FindFaults(test.GetProperty("data")).Count == 0 != test.GetProperty("valid").GetBoolean())
                {
                    wrong.Add($"{group.GetProperty("description")}: {test.GetProperty("description")}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(judged > 0 || file == "boolean_schema");
    }

    [Theory]
    [InlineData("{", "is not JSON")]
    [InlineData("[]", "a JSON object")]
    [InlineData("""{"type":"strin"}""", "#/type must be one or more of")]
    [InlineData("""{"properties":{"a":{"minLength":-1}}}""", "#/properties/a/minLength must be a whole number")]
    [InlineData("""{"items":{"pattern":"("}}""", "#/items/pattern must be a regular expression")]
    [InlineData("""{"required":"name"}""", "#/required must be an array of names")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "#/$ref refers to '#/$defs/none'")]
    [InlineData("""{"$ref":"https://example.com/s.json"}""", "other documents are not read")]
    [InlineData("""{"unevaluatedProperties":false}""", "'unevaluatedProperties' is not supported here")]
    [InlineData("""{"anyOf":[]}""", "#/anyOf must be an array of at least one schema")]
    public void Schema_ThatIsNone_IsRefusedWithItsPlace(string text, string fault)
    {
        Assert.False(JsonSchema.TryParse(text, out _, out var faults));

        Assert.Contains(fault, string.Join("; ", faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_ThatRefersToItselfWithoutEnd_Ends()
    {
        Assert.True(JsonSchema.TryParse("""{"$ref":"#"}""", out var schema, out _));

        Assert.NotEmpty(schema.FindFaults(JsonElement.Parse("1")));
    }

    [Fact]
    public void Pattern_ThatBacktracksWithoutEnd_IsCutShort()
    {
        Assert.True(JsonSchema.TryParse("""{"pattern":"^(?=(a+)+$)(a+)+$"}""", out var schema, out _));

        Assert.NotEmpty(schema.FindFaults(JsonSerializer.SerializeToElement(new string('a', 64) + "!")));
    }

    [Fact]
    public void Fault_NamesThePlaceInTheAnswer()
    {
        Assert.True(JsonSchema.TryParse(
            """{"type":"object","properties":{"items":{"items":{"properties":{"n":{"type":"integer"}},"required":["n"]}}}}""",
            out var schema, out _));

        var faults = schema.FindFaults(JsonElement.Parse("""{"items":[{"n":1},{"n":"two"},{}]}"""));

        Assert.Equal(["/items/1/n must be of the type \"integer\"", "/items/2 lacks the member 'n'"], faults);
    }
}
