using System.Text.Json;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>The real Claude Code, whose model is a script.</summary>
internal static class ClaudeCode
{
    private static readonly string Installed = MasterProgram.Find("claude-code", "claude-code-linux-x64/claude");

    /// <summary>Gives it a prompt and returns what it printed at its end.</summary>
    /// <param name="master">Where it runs.</param>
    /// <param name="mind">Its model.</param>
    /// <param name="servers">Its MCP servers, in JSON.</param>
    /// <param name="prompt">What its user says.</param>
    public static async Task<string> AskAsync(this MasterProgram master, ScriptedMind mind, string servers, string prompt)
    {
        var events = await master.RunAsync(
            Installed,
            [
                "-p", prompt, "--output-format", "stream-json", "--verbose", "--strict-mcp-config",
                "--mcp-config", $$"""{"mcpServers":{"koubou":{{servers}} } }""", "--allowedTools", "mcp__koubou__*",
            ],
            ("ANTHROPIC_BASE_URL", mind.Address),
            ("ANTHROPIC_API_KEY", "sk-of-nobody"),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
            ("DISABLE_AUTOUPDATER", "1"),
            ("DISABLE_TELEMETRY", "1"),
            ("DISABLE_ERROR_REPORTING", "1"));
        var server = Assert.Single(events.First(item => Is(item, "system")).GetProperty("mcp_servers").EnumerateArray());
        Assert.Equal("connected", server.GetProperty("status").GetString());
        return events.Single(item => Is(item, "result")).GetProperty("result").GetString()!;
    }

    private static bool Is(JsonElement item, string type) => item.GetProperty("type").GetString() == type;
}
