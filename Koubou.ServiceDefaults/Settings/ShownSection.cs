using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Koubou.ServiceDefaults.Settings;

/// <summary>A section of options that the service shows to its operator.</summary>
/// <param name="Name">Its name in configuration.</param>
/// <param name="Read">The options as they hold now.</param>
internal sealed record ShownSection(string Name, Func<IServiceProvider, object> Read);

/// <summary>How a service says which of its settings it shows.</summary>
public static class ShownSections
{
    /// <summary>Binds options to a section of configuration, and shows them among the service's settings.</summary>
    public static OptionsBuilder<T> BindSettings<T>(this OptionsBuilder<T> options, string section)
        where T : class => options.BindConfiguration(section).Show(section);

    /// <summary>Shows options among the service's settings, secrets hidden.</summary>
    public static OptionsBuilder<T> Show<T>(this OptionsBuilder<T> options, string section)
        where T : class
    {
        var name = options.Name;
        options.Services.AddSingleton(new ShownSection(section, services => name == Options.DefaultName
            ? services.GetRequiredService<IOptions<T>>().Value
            : services.GetRequiredService<IOptionsMonitor<T>>().Get(name)));
        return options;
    }
}
