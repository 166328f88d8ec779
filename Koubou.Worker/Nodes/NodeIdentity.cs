using System.Reflection;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Nodes;

/// <summary>Who this node is.</summary>
internal static class NodeIdentity
{
    private const string InstanceVariable = "OTEL_SERVICE_INSTANCE_ID";

    public static string Version { get; } =
        typeof(NodeIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            .Split('+')[0] ?? "0.0.0";

    /// <summary>The configured id, checked here because the name of the log file needs it first.</summary>
    public static string Resolve(IConfiguration configuration)
    {
        const string key = WorkerOptions.Section + ":" + nameof(WorkerOptions.NodeId);
        var configured = configuration[key];
        if (!string.IsNullOrEmpty(configured))
        {
            return WorkerOptionsValidator.NodeIdPattern().IsMatch(configured)
                ? configured
                : throw new OptionsValidationException(nameof(WorkerOptions), typeof(WorkerOptions),
                    [$"{key} is '{configured}'. Allowed: 1 to 64 letters, digits, '.', '_' or '-'."]);
        }

        var instance = configuration[InstanceVariable];
        return Tidy(string.IsNullOrWhiteSpace(instance)
            ? $"{Environment.MachineName}-{Environment.ProcessId}"
            : instance);
    }

    private static string Tidy(string name)
    {
        var tidy = string.Concat(name.Select(letter =>
            char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : '-'));
        return tidy.Length <= 64 ? tidy : tidy[^64..];
    }
}
