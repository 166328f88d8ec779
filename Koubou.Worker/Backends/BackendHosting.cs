using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Backends.Demo;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Backends.ModelApis;
using Koubou.Worker.Backends.Ollama;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Nodes;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends;

/// <summary>Registers the backends that the settings name, and the Ollama of this machine where they name none.</summary>
internal static class BackendHosting
{
    private static readonly Dictionary<string, Action<WebApplicationBuilder, string>> Kinds =
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["ollama"] = AddOllama,
            ["openai"] = (builder, name) => AddModelApi(builder, name, new OpenAIApi()),
            ["anthropic"] = (builder, name) => AddModelApi(builder, name, new AnthropicApi()),
        };

    public static void AddBackends(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(provider => new ZoneMap(
            PrivateNetworks.TryParse(provider.GetRequiredService<IOptions<WorkerOptions>>().Value.PrivateNetworks, out var own)
                ? own : []));
        services.AddSingleton<IHostResolver, SystemResolver>();
        services.AddSingleton<PolicyAudit>();
        services.AddSingleton<BackendHttp>();
        services.AddSingleton<IPostConfigureOptions<OllamaOptions>, OllamaSettings>();
        services.AddSingleton<IValidateOptions<OllamaOptions>, OllamaOptionsValidator>();
        services.AddSingleton<IValidateOptions<ModelApiOptions>, ModelApiOptionsValidator>();
        services.AddSingleton(OllamaSettings.Source(builder.Configuration));
        AddNamed(builder);
        services.AddSingleton<DemoBackend>();
        services.AddSingleton<BackendSet>();
        services.AddHostedService<BackendWatch>();
        services.AddHealthChecks().AddCheck<BackendHealthCheck>("backends");
    }

    private static void AddNamed(WebApplicationBuilder builder)
    {
        var entries = builder.Configuration.GetSection(BackendOptions.Section).GetChildren().ToList();
        var names = entries.Select(entry => entry.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // Found by itself, or named in one of the ways that are older than the section.
        if (!names.Contains(OllamaSettings.DefaultName)
            && (names.Count == 0 || OllamaSettings.Source(builder.Configuration).IsConfigured))
        {
            AddOllama(builder, OllamaSettings.DefaultName);
        }

        foreach (var entry in entries)
        {
            var kind = entry[nameof(BackendOptions.Kind)] ?? "";
            Demand(WorkerOptionsValidator.NodeIdPattern().IsMatch(entry.Key) && !Kinds.ContainsKey(entry.Key)
                    || string.Equals(entry.Key, kind, StringComparison.OrdinalIgnoreCase),
                $"{BackendOptions.Section} has a backend '{entry.Key}'. Allowed: 1 to 64 letters, digits, '.', '_' or '-', "
                + "and not the name of another kind.");
            Demand(Kinds.TryGetValue(kind, out var add),
                $"{BackendOptions.Section}:{entry.Key}:{nameof(BackendOptions.Kind)} is '{kind}'. Allowed: "
                + $"{string.Join(", ", Kinds.Keys)}.");
            add!(builder, entry.Key);
        }
    }

    private static void AddOllama(WebApplicationBuilder builder, string name)
    {
        var isDefault = name == OllamaSettings.DefaultName;
        var own = $"{BackendOptions.Section}:{name}";
        builder.Services.AddOptions<OllamaOptions>(name)
            .BindConfiguration(OllamaOptions.Section)
            .Configure(options =>
            {
                // Habits are shared, the place is not.
                (options.Endpoint, options.Model, options.Zone) = isDefault
                    ? (options.Endpoint, options.Model, options.Zone)
                    : ("", "", null);
            })
            .BindConfiguration(own)
            // Under the name that an operator would write.
            .Show(isDefault && !builder.Configuration.GetSection(own).Exists() ? OllamaOptions.Section : own)
            .ValidateOnStart();
        builder.Services.AddSingleton<IBackend>(services => new OllamaBackend(
            name,
            !isDefault || services.GetRequiredService<OllamaSource>().IsConfigured
                || builder.Configuration.GetSection(own).Exists(),
            services.GetRequiredService<IOptionsMonitor<OllamaOptions>>().Get(name),
            services.GetRequiredService<BackendHttp>(),
            services.GetRequiredService<PolicyAudit>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<OllamaBackend>>()));
    }

    private static void AddModelApi(WebApplicationBuilder builder, string name, IModelApi api)
    {
        builder.Services.AddOptions<ModelApiOptions>(name)
            .BindSettings($"{BackendOptions.Section}:{name}")
            .PostConfigure<IConfiguration>((options, configuration) =>
            {
                if (string.IsNullOrWhiteSpace(options.Endpoint))
                {
                    options.Endpoint = api.EndpointDefault.AbsoluteUri;
                    // A key from the environment is its maker's; no other address ever gets it.
                    options.ApiKey = options.ApiKey.Length > 0 ? options.ApiKey : configuration[api.KeyVariable] ?? "";
                }
            })
            .ValidateOnStart();
        builder.Services.AddSingleton<IBackend>(services => new ModelApiBackend(
            name,
            api,
            services.GetRequiredService<IOptionsMonitor<ModelApiOptions>>().Get(name),
            services.GetRequiredService<BackendHttp>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<ModelApiBackend>>()));
    }

    private static void Demand(bool allowed, string fault)
    {
        if (!allowed)
        {
            throw new OptionsValidationException(nameof(BackendOptions), typeof(BackendOptions), [fault]);
        }
    }
}
