using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Backends.AgentCli.Workplaces;
using Koubou.Worker.Backends.CodexCli;
using Koubou.Worker.Backends.CodexCli.Closed;
using Koubou.Worker.Processes;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>Adds the agents of a node: Codex, and those of the settings.</summary>
internal static class AgentHosting
{
    public static void AddAgents(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AgentOptions>().BindSettings(AgentOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AgentOptions>, AgentOptionsValidator>();
        services.AddOptions<CodexOptions>().BindSettings(CodexOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CodexOptions>, CodexOptionsValidator>();

        services.AddSingleton(provider => new ChildProcesses(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ChildProcesses>>(),
            provider.GetRequiredService<IOptions<AgentOptions>>().Value.Enclose
                ? Enclosure.FindAsync
                : _ => Task.FromResult(Enclosure.None)));
        services.AddSingleton<Git>();
        services.AddSingleton<Workplaces.Workplaces>();
        services.AddSingleton<CodexProgram>();
        services.AddSingleton<LocalModels>();
        services.AddSingleton<IAgent, CodexAgent>();
        var section = builder.Configuration.GetSection($"{AgentOptions.Section}:{nameof(AgentOptions.Clis)}");
        foreach (var name in section.GetChildren().Select(agent => agent.Key))
        {
            services.AddSingleton<IAgent>(provider => ActivatorUtilities.CreateInstance<CliAgent>(
                provider, name, provider.GetRequiredService<IOptions<AgentOptions>>().Value.Clis[name]));
        }

        services.AddSingleton<Agents>();
        services.AddHostedService<AgentWatch>();
    }
}
