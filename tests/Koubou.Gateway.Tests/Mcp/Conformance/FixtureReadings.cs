using System.ComponentModel;
using System.Text;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Tests.Mcp.Conformance;

/// <summary>Resources and prompts that the conformance suite reads by name.</summary>
internal sealed class FixtureReadings
{
    [McpServerResource(UriTemplate = "test://static-text", Name = "Static Text Resource", MimeType = "text/plain")]
    [Description("A static text resource for testing")]
    public static string StaticText() => "This is the content of the static text resource.";

    [McpServerResource(UriTemplate = "test://static-binary", Name = "Static Binary Resource", MimeType = "image/png")]
    [Description("A static binary resource for testing")]
    public static BlobResourceContents StaticBinary() => new()
    {
        Uri = "test://static-binary",
        MimeType = "image/png",
        Blob = Encoding.UTF8.GetBytes(FixtureTools.Image),
    };

    [McpServerResource(UriTemplate = "test://template/{id}/data", Name = "Resource Template", MimeType = "application/json")]
    [Description("A resource template with parameter substitution")]
    public static TextResourceContents Template(string id) => new()
    {
        Uri = $"test://template/{id}/data",
        MimeType = "application/json",
        Text = $$"""{"id":"{{id}}","templateTest":true,"data":"Data for ID: {{id}}"}""",
    };

    [McpServerResource(UriTemplate = "test://watched-resource", Name = "Watched Resource", MimeType = "text/plain")]
    [Description("A resource to subscribe to")]
    public static string Watched() => "Watched resource content";

    [McpServerPrompt(Name = "test_simple_prompt"), Description("Simple prompt without arguments")]
    public static string SimplePrompt() => "This is a simple prompt for testing.";

    [McpServerPrompt(Name = "test_prompt_with_arguments"), Description("Parameterized prompt")]
    public static string PromptWithArguments(
        [Description("First test argument")] string arg1, [Description("Second test argument")] string arg2) =>
        $"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'";

    [McpServerPrompt(Name = "test_prompt_with_embedded_resource"), Description("Prompt with embedded resource")]
    public static PromptMessage[] PromptWithResource([Description("URI of the resource to embed")] string resourceUri) =>
    [
        Said(new EmbeddedResourceBlock
        {
            Resource = new TextResourceContents
            {
                Uri = resourceUri,
                Text = "Embedded resource content for testing.",
                MimeType = "text/plain",
            },
        }),
        Said(new TextContentBlock { Text = "Please process the embedded resource above." }),
    ];

    [McpServerPrompt(Name = "test_prompt_with_image"), Description("Prompt with image")]
    public static PromptMessage[] PromptWithImage() =>
    [
        Said(FixtureTools.ImageContent()),
        Said(new TextContentBlock { Text = "Please analyze the image above." }),
    ];

    private static PromptMessage Said(ContentBlock content) => new() { Role = Role.User, Content = content };
}
