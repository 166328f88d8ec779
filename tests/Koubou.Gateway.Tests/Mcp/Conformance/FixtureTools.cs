// MCP9005, MCP9006: what newer protocols deprecate is part of the older ones that the suite tests.
#pragma warning disable MCP9005, MCP9006
using System.ComponentModel;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Tests.Mcp.Conformance;

/// <summary>Tools that the conformance suite calls by name; what each must answer is the suite's own word.</summary>
internal sealed class FixtureTools
{
    // One red pixel, and a sound of no length.
    internal const string Image =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

    private const string Sound = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

    [McpServerTool(Name = "test_simple_text"), Description("Tests simple text content response")]
    public static string SimpleText() => "This is a simple text response for testing.";

    [McpServerTool(Name = "test_image_content"), Description("Tests image content response")]
    public static ImageContentBlock ImageContent() => new() { Data = Encoding.UTF8.GetBytes(Image), MimeType = "image/png" };

    [McpServerTool(Name = "test_audio_content"), Description("Tests audio content response")]
    public static AudioContentBlock AudioContent() => new() { Data = Encoding.UTF8.GetBytes(Sound), MimeType = "audio/wav" };

    [McpServerTool(Name = "test_embedded_resource"), Description("Tests embedded resource content response")]
    public static EmbeddedResourceBlock EmbeddedResource() => Embedded(
        "test://embedded-resource", "text/plain", "This is an embedded resource content.");

    [McpServerTool(Name = "test_multiple_content_types"), Description("Tests response with multiple content types")]
    public static ContentBlock[] MultipleContentTypes() =>
    [
        new TextContentBlock { Text = "Multiple content types test:" },
        ImageContent(),
        Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
    ];

    [McpServerTool(Name = "test_tool_with_logging"), Description("Tests tool that emits log messages during execution")]
    public static async Task<string> ToolWithLogging(McpServer server, CancellationToken cancellationToken)
    {
        foreach (var words in new[] { "Tool execution started", "Tool processing data", "Tool execution completed" })
        {
            await server.SendNotificationAsync(
                NotificationMethods.LoggingMessageNotification,
                new LoggingMessageNotificationParams
                {
                    Level = LoggingLevel.Info,
                    Data = JsonElement.Parse($"\"{words}\""),
                },
                cancellationToken: cancellationToken);
        }

        return "Tool with logging executed successfully";
    }

    [McpServerTool(Name = "test_reconnection"), Description("Tests a stream that ends in the middle of a call and is taken up")]
    public static async Task<string> Reconnection(
        RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        await request.EnablePollingAsync(TimeSpan.FromMilliseconds(100), cancellationToken);
        return "Taken up again.";
    }

    [McpServerTool(Name = "test_tool_with_progress"), Description("Tests tool that reports progress notifications")]
    public static async Task<string> ToolWithProgress(
        McpServer server, RequestContext<CallToolRequestParams> context, CancellationToken cancellationToken)
    {
        foreach (var progress in new[] { 0, 50, 100 })
        {
            await server.NotifyProgressAsync(
                context.Params.ProgressToken!.Value,
                new ProgressNotificationValue { Progress = progress, Total = 100 },
                cancellationToken: cancellationToken);
        }

        return "done";
    }

    [McpServerTool(Name = "test_error_handling"), Description("Tests error response handling")]
    public static string ErrorHandling() => throw new McpException("This tool intentionally returns an error for testing");

    [McpServerTool(Name = "test_sampling"), Description("Tests server-initiated sampling")]
    public static async Task<string> Sampling(McpServer server, string prompt, CancellationToken cancellationToken)
    {
        var answer = await server.SampleAsync(
            new CreateMessageRequestParams
            {
                Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }],
                MaxTokens = 100,
            },
            cancellationToken);
        return $"LLM response: {answer.Content.OfType<TextContentBlock>().First().Text}";
    }

    /// <summary>Its arguments' schema uses words of JSON Schema 2020-12 that must pass through unchanged.</summary>
    public static McpServerTool CreateJsonSchemaTool()
    {
        var tool = McpServerTool.Create(
            () => "done",
            new McpServerToolCreateOptions
            {
                Name = "json_schema_2020_12_tool",
                Description = "Tool with JSON Schema 2020-12 features",
            });
        tool.ProtocolTool.InputSchema = JsonElement.Parse("""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "type": "object",
              "$defs": {
                "address": {
                  "type": "object",
                  "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
                }
              },
              "properties": { "name": { "type": "string" }, "address": { "$ref": "#/$defs/address" } },
              "additionalProperties": false
            }
            """);
        return tool;
    }

    private static EmbeddedResourceBlock Embedded(string uri, string mimeType, string text) =>
        new() { Resource = new TextResourceContents { Uri = uri, MimeType = mimeType, Text = text } };
}
