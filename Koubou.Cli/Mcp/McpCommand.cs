using System.CommandLine;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Mcp;

/// <summary><c>koubou mcp</c>: the workshop's MCP server for clients that start a program and speak over its pipes.</summary>
internal static class McpCommand
{
    private const string ClientHeader = "X-Koubou-Client";

    public static Command Create()
    {
        var url = GatewayAddress.CreateOption();
        var client = new Option<string?>("--client")
        {
            Description = "A name for this client: its tasks share the queue and its unread results under it. "
                + "Default: the name that the MCP client gives itself. With an API key, the key's name counts.",
        };
        var command = new Command(
            "mcp",
            "Bridge the workshop's MCP server to standard input and output, for clients that start programs.")
        {
            url,
            client,
        };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetValue(url)!, parsed.GetValue(client), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Uri url, string? client, CancellationToken cancellationToken)
    {
        using var http = GatewayAddress.CreateClient(url);
        if (!string.IsNullOrWhiteSpace(client))
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation(ClientHeader, client);
        }

        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        await using var bridge = new StdioBridge(http, output, Console.Error);
        await bridge.RunAsync(input, cancellationToken);
        return 0;
    }
}
