// MCP9001: the suite also tests the form of an enum that newer protocols deprecate.
#pragma warning disable MCP9001
using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Schema = ModelContextProtocol.Protocol.ElicitRequestParams.PrimitiveSchemaDefinition;

namespace Koubou.Gateway.Tests.Mcp.Conformance;

/// <summary>Tools of the conformance suite that ask the user something.</summary>
internal sealed class FixtureElicitations
{
    [McpServerTool(Name = "test_elicitation"), Description("Tests elicitation")]
    public static Task<string> Elicitation(McpServer server, string message, CancellationToken cancellationToken) =>
        AskAsync(
            server,
            message,
            new Dictionary<string, Schema>
            {
                ["username"] = new ElicitRequestParams.StringSchema { Description = "User's response" },
                ["email"] = new ElicitRequestParams.StringSchema { Description = "User's email address" },
            },
            cancellationToken);

    [McpServerTool(Name = "test_elicitation_sep1034_defaults"), Description("Tests elicitation with default values")]
    public static Task<string> Defaults(McpServer server, CancellationToken cancellationToken) => AskAsync(
        server,
        "Please review and update the form fields with defaults",
        new Dictionary<string, Schema>
        {
            ["name"] = new ElicitRequestParams.StringSchema { Default = "John Doe" },
            ["age"] = new ElicitRequestParams.NumberSchema { Type = "integer", Default = 30 },
            ["score"] = new ElicitRequestParams.NumberSchema { Default = 95.5 },
            ["status"] = new ElicitRequestParams.UntitledSingleSelectEnumSchema
            {
                Enum = ["active", "inactive", "pending"],
                Default = "active",
            },
            ["verified"] = new ElicitRequestParams.BooleanSchema { Default = true },
        },
        cancellationToken);

    [McpServerTool(Name = "test_elicitation_sep1330_enums"), Description("Tests elicitation with enum schemas")]
    public static Task<string> Enums(McpServer server, CancellationToken cancellationToken) => AskAsync(
        server,
        "Please select options from the enum fields",
        new Dictionary<string, Schema>
        {
            ["untitledSingle"] = new ElicitRequestParams.UntitledSingleSelectEnumSchema
            {
                Enum = ["option1", "option2", "option3"],
            },
            ["titledSingle"] = new ElicitRequestParams.TitledSingleSelectEnumSchema
            {
                OneOf =
                [
                    new() { Const = "value1", Title = "First Option" },
                    new() { Const = "value2", Title = "Second Option" },
                    new() { Const = "value3", Title = "Third Option" },
                ],
            },
            ["legacyEnum"] = new ElicitRequestParams.LegacyTitledEnumSchema
            {
                Enum = ["opt1", "opt2", "opt3"],
                EnumNames = ["Option One", "Option Two", "Option Three"],
            },
            ["untitledMulti"] = new ElicitRequestParams.UntitledMultiSelectEnumSchema
            {
                Items = new ElicitRequestParams.UntitledEnumItemsSchema { Enum = ["option1", "option2", "option3"] },
            },
            ["titledMulti"] = new ElicitRequestParams.TitledMultiSelectEnumSchema
            {
                Items = new ElicitRequestParams.TitledEnumItemsSchema
                {
                    AnyOf =
                    [
                        new() { Const = "value1", Title = "First Choice" },
                        new() { Const = "value2", Title = "Second Choice" },
                        new() { Const = "value3", Title = "Third Choice" },
                    ],
                },
            },
        },
        cancellationToken);

    private static async Task<string> AskAsync(
        McpServer server, string message, IDictionary<string, Schema> fields, CancellationToken cancellationToken)
    {
        var request = new ElicitRequestParams
        {
            Message = message,
            RequestedSchema = new ElicitRequestParams.RequestSchema { Properties = fields },
        };
        var answer = await server.ElicitAsync(request, cancellationToken);
        return $"User response: action={answer.Action}";
    }
}
