using Koubou.Scheduler.Dispatch;

namespace Koubou.Scheduler.Hosting;

/// <summary>The scheduler's short words on the command line; every setting also has its long one.</summary>
internal static class SchedulerCommandLine
{
    private static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--node-id"] = $"{NodeOptions.Section}:{nameof(NodeOptions.Id)}",
        ["--queue-type"] = "Koubou:Queue",
        ["--join-key"] = $"{NodeOptions.Section}:{nameof(NodeOptions.JoinKey)}",
        ["--bind"] = $"{NodeOptions.Section}:{nameof(NodeOptions.Bind)}",
        ["--port"] = SchedulerEndpoints.GrpcPortKey,
    };

    /// <summary>
    /// Reads <c>--node-id</c>, <c>--queue-type</c>, <c>--join-key</c>, <c>--bind</c> and <c>--port</c> (that of gRPC).
    /// </summary>
    public static void AddSchedulerCommandLine(this WebApplicationBuilder builder, string[] args) =>
        builder.Configuration.AddCommandLine(args, Switches);
}
