using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Hosting;

namespace Koubou.ServiceDefaults.Home;

internal static class HomeConfiguration
{
    /// <summary>
    /// Puts <c>config/koubou.json</c> above the service's own files and below the environment and the command line.
    /// </summary>
    public static void AddHomeConfiguration(this IHostApplicationBuilder builder, KoubouHome home)
    {
        var source = new JsonConfigurationSource
        {
            Path = home.SettingsFile,
            Optional = true,
            ReloadOnChange = false,
        };
        source.ResolveFileProvider();

        var sources = builder.Configuration.Sources;

        // A service reads its settings once. To watch for changes, the host would watch every file below its folder.
        foreach (var file in sources.OfType<JsonConfigurationSource>())
        {
            file.ReloadOnChange = false;
        }

        var lastFile = sources.LastOrDefault(candidate => candidate is JsonConfigurationSource);
        var index = lastFile is null ? 0 : sources.IndexOf(lastFile) + 1;
        sources.Insert(index, source);
    }
}
