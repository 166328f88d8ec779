// MCP9005: roots are deprecated in the newest protocol, yet today's clients offer files in no other way.
#pragma warning disable MCP9005
using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Tests.Mcp;

public sealed class FileTests : IDisposable
{
    private readonly WorkshopFixture _workshop;
    private readonly string _root = Directory.CreateTempSubdirectory("koubou-root-").FullName;
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("koubou-secret-").FullName;

    public FileTests(WorkshopFixture workshop)
    {
        _workshop = workshop;
        Directory.CreateDirectory(Path.Combine(_root, "src"));
        File.WriteAllText(Path.Combine(_root, "src", "a.cs"), "class A;");
        File.WriteAllText(Path.Combine(_root, ".env"), "SECRET=1");
        File.WriteAllText(Path.Combine(_root, "empty.txt"), "");
        File.WriteAllBytes(Path.Combine(_root, "image.png"), [0x89, 0x50, 0xFF]);
        File.WriteAllText(Path.Combine(_root, "large.txt"), new string('x', 300 * 1024));
        File.WriteAllText(Path.Combine(_elsewhere, "secret.txt"), "secret");
        File.CreateSymbolicLink(Path.Combine(_root, "link.txt"), Path.Combine(_elsewhere, "secret.txt"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "folder"), _elsewhere);
        File.CreateSymbolicLink(Path.Combine(_root, "loop.txt"), Path.Combine(_root, "loop.txt"));
        File.CreateSymbolicLink(Path.Combine(_root, "inside.txt"), Path.Combine("src", "a.cs"));
    }

    public static TheoryData<string> Versions => ["2025-06-18", McpSteps.Sessions, McpSteps.Newest];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Delegate_WithFilesUnderTheRoots_PutsTheirTextIntoThePrompt(string version)
    {
        var type = _workshop.NewType();
        await using var client = await ConnectAsync(version);
        await using var node = await _workshop.JoinAsync(type);

        var full = Path.Combine(_root, "inside.txt");
        var answer = await client.CallAsync(
            "delegate", JsonSerializer.Serialize(new { type, prompt = "Review.", files = new[] { "src/a.cs", full } }));
        var work = await node.TakeAsync();

        Assert.False(answer.IsError, answer.Text);
        Assert.Equal(
            $"""
            Review.

            <file path="src/a.cs">
            class A;
            </file>

            <file path="{full}">
            class A;
            </file>
            """,
            work.Spec.Prompt);
    }

    [Theory]
    [InlineData("/etc/passwd", "is not a file under the client's roots")]
    [InlineData("../secret.txt", "is not a file under the client's roots")]
    [InlineData("link.txt", "is not a file under the client's roots")]
    [InlineData("folder/secret.txt", "is not a file under the client's roots")]
    [InlineData("loop.txt", "is not a file under the client's roots")]
    [InlineData("missing.txt", "is not a file under the client's roots")]
    [InlineData("src", "is not a file under the client's roots")]
    [InlineData(".env", "is hidden")]
    [InlineData("empty.txt", "is empty, or no regular file")]
    [InlineData("image.png", "is not text in UTF-8")]
    [InlineData("large.txt", "is larger than 262,144 bytes")]
    public async Task Delegate_WithAFileThatMayNotBeRead_IsRefused(string path, string expected)
    {
        await using var client = await ConnectAsync(McpSteps.Newest);

        var answer = await client.CallAsync("delegate", JsonSerializer.Serialize(new { prompt = "p", files = new[] { path } }));

        Assert.True(answer.IsError);
        Assert.Contains($"files: \"{path}\" {expected}", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DelegateMany_WithAFileForEachTask_ReadsThemAll()
    {
        var type = _workshop.NewType();
        await using var client = await ConnectAsync(McpSteps.Newest);
        await using var node = await _workshop.JoinAsync(type);

        var answer = await client.CallAsync("delegate_many", $$"""
            {"tasks":[{"prompt":"1","files":["src/a.cs"]},{"prompt":"2"}],"common":{"type":"{{type}}"} }
            """);

        Assert.False(answer.IsError, answer.Text);
        Assert.Contains("class A;", (await node.TakeAsync()).Spec.Prompt, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        Directory.Delete(_elsewhere, recursive: true);
    }

    private Task<McpClient> ConnectAsync(string version) => _workshop.Gateway.ConnectAsync(
        version,
        handlers: new McpClientHandlers
        {
            RootsHandler = (_, _) => ValueTask.FromResult(
                new ListRootsResult { Roots = [new Root { Uri = new Uri(_root).AbsoluteUri, Name = "project" }] }),
        },
        capabilities: new ClientCapabilities { Roots = new RootsCapability() });
}
