using Koubou.Gateway.Mcp.Deferred;
using Koubou.Gateway.Mcp.Files;
using Koubou.Gateway.Mcp.Prompts;
using Koubou.Gateway.Mcp.Resources;
using Koubou.Gateway.Mcp.Subscriptions;
using Koubou.Gateway.Mcp.Tools;
using Koubou.Gateway.Mcp.Unread;
using Koubou.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp;

internal static class McpExtensions
{
    private static readonly TimeSpan ProgressPauseMax = TimeSpan.FromSeconds(10);

    /// <summary>The MCP server: what it offers, and what it remembers between calls.</summary>
    public static void AddMcpDoor(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<McpOptions>()
            .BindSettings(McpOptions.Section)
            .Validate(
                options => options.WaitMax > TimeSpan.Zero && options.WaitMax <= TimeSpan.FromMinutes(4),
                $"{McpOptions.Section}:WaitMax must be above 0 and at most 00:04:00; clients give up after five minutes.")
            .Validate(
                options => options.ProgressInterval > TimeSpan.Zero && options.ProgressInterval <= ProgressPauseMax,
                $"{McpOptions.Section}:ProgressInterval must be above 0 and at most 00:00:10.")
            .Validate(
                options => options.FileBytesMax > 0 && options.FilesBytesMax >= options.FileBytesMax,
                $"{McpOptions.Section}: FilesBytesMax must be at least FileBytesMax, and both above 0.")
            .Validate(options => options.UnreadMax > 0, $"{McpOptions.Section}:UnreadMax must be above 0.")
            .ValidateOnStart();

        services.AddHttpContextAccessor();
        services.AddSingleton<McpCaller>();
        services.AddSingleton<WorkshopReader>();
        services.AddSingleton<RootFiles>();
        services.AddSingleton<UnreadStore>();
        services.AddSingleton<UnreadResults>();
        services.AddSingleton<IChangeListener>(provider => provider.GetRequiredService<UnreadResults>());
        services.AddSingleton<ResourceWatches>();
        services.AddSingleton<IChangeListener>(provider => provider.GetRequiredService<ResourceWatches>());
        services.AddHostedService(provider => provider.GetRequiredService<ResourceWatches>());
        services.AddHostedService<ChangeFollower>();
        services.AddSingleton<SubscriptionHandlers>();
        services.AddSingleton<ResourceLists>();
        services.AddSingleton<Completions>();
        services.AddTools();

        services.AddMcpServer(options =>
            {
                options.ServerInfo = new Implementation { Name = "koubou", Title = "Koubou", Version = McpInstructions.Version };
                options.ServerInstructions = McpInstructions.Text;
            })
            .WithHttpTransport(options => options.SessionMode = HttpServerSessionMode.StatefulForInitializeClients)
            .KeepStreams()
            .WithResources<WorkshopResources>()
            .WithPrompts<WorkshopPrompts>();
        services.AddSingleton<IConfigureOptions<McpServerOptions>, McpHandlers>();
        services.AddSingleton<IConfigureOptions<McpServerOptions>, DeferredCalls>();
        services.AddSingleton<IConfigureOptions<McpServerOptions>, McpErrorEdge>();
        builder.Logging.AddFilter(McpErrorEdge.ReplacedLog, LogLevel.None);
    }

    private static void AddTools(this IServiceCollection services)
    {
        services.AddSingleton<TaskDrafts>();
        services.AddSingleton<TaskSelection>();
        services.AddSingleton<WaitProgress>();
        services.AddSingleton<PatientWait>();
        services.AddSingleton<McpServerTool, DelegateTool>();
        services.AddSingleton<McpServerTool, DelegateManyTool>();
        services.AddSingleton<McpServerTool, WaitTool>();
        services.AddSingleton<McpServerTool, ResultTool>();
        services.AddSingleton<McpServerTool, ListTool>();
        services.AddSingleton<McpServerTool, CancelTool>();
        services.AddSingleton<McpServerTool, RetryTool>();
        services.AddSingleton<McpServerTool, StatusTool>();
    }
}
