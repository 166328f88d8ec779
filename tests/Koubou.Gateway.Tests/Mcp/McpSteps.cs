using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Tests.Mcp;

/// <summary>Short words for what a master does through MCP.</summary>
internal static class McpSteps
{
    public const string Newest = "2026-07-28";
    public const string Sessions = "2025-11-25";

    public static Uri McpAddress(this GatewayHost gateway) => new(gateway.Main, "/mcp");

    /// <summary>Connects the official client, by default as one that no other test knows.</summary>
    public static Task<McpClient> ConnectAsync(
        this GatewayHost gateway,
        string version = Newest,
        string? name = null,
        McpClientHandlers? handlers = null,
        ClientCapabilities? capabilities = null,
        params (string Name, string Value)[] headers)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = gateway.McpAddress(),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = headers.ToDictionary(header => header.Name, header => header.Value),
        });
        return McpClient.CreateAsync(transport, Options(version, name, handlers, capabilities));
    }

    /// <summary>The same by <c>koubou mcp</c>, a process of its own that is spoken to over its pipes.</summary>
    public static Task<McpClient> ConnectByPipesAsync(Uri address, string version, string? key = null)
    {
        var transport = new StdioClientTransport(new StdioClientTransportOptions
        {
            Name = "koubou",
            Command = "dotnet",
            Arguments = [Path.Combine(AppContext.BaseDirectory, "koubou.dll"), "mcp", "--url", address.ToString()],
            EnvironmentVariables = new Dictionary<string, string?> { ["KOUBOU_API_KEY"] = key },
        });
        return McpClient.CreateAsync(transport, Options(version));
    }

    public static McpClientOptions Options(
        string? version, string? name = null, McpClientHandlers? handlers = null, ClientCapabilities? capabilities = null) => new()
    {
        ClientInfo = new Implementation { Name = name ?? NewName(), Version = "1" },
        ProtocolVersion = version,

        // A busy machine starts a bridge slowly; only the whole handshake has a bound.
        DiscoverProbeTimeout = Timeout.InfiniteTimeSpan,
        Capabilities = capabilities,
        Handlers = handlers ?? new McpClientHandlers(),
    };

    public static string NewName() => $"client-{Guid.CreateVersion7()}";

    /// <summary>Calls a tool with arguments in JSON.</summary>
    public static async Task<ToolAnswer> CallAsync(
        this McpClient client,
        string tool,
        string arguments = "{}",
        IProgress<ModelContextProtocol.ProgressNotificationValue>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var values = JsonElement.Parse(arguments).EnumerateObject()
            .ToDictionary(argument => argument.Name, argument => (object?)argument.Value.Clone());
        return new ToolAnswer(await client.CallToolAsync(tool, values, progress, cancellationToken: cancellationToken));
    }

    /// <summary>Delegates a task and returns its id.</summary>
    public static async Task<string> DelegateAsync(this McpClient client, string type, string prompt = "Say hello.")
    {
        var answer = await client.CallAsync("delegate", JsonSerializer.Serialize(new { type, prompt }));
        Assert.False(answer.IsError, answer.Text);
        return answer["id"].GetString()!;
    }
}
