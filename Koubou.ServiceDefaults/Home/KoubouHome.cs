using Microsoft.Extensions.Configuration;

namespace Koubou.ServiceDefaults.Home;

/// <summary>The home of a running workshop: <c>config/</c>, <c>db/</c>, <c>logs/</c>.</summary>
/// <param name="Root">An absolute path.</param>
public sealed record KoubouHome(string Root)
{
    /// <summary>The environment variable that moves the home.</summary>
    public const string Variable = "KOUBOU_HOME";

    private const string SolutionFile = "Koubou.Aspire.sln";

    public string Config => Path.Combine(Root, "config");

    public string Database => Path.Combine(Root, "db");

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>The user's own settings, read by every service: <c>config/koubou.json</c>.</summary>
    public string SettingsFile => Path.Combine(Config, "koubou.json");

    /// <summary>
    /// <c>KOUBOU_HOME</c> if set; else <c>.koubou</c> in the folder of the solution when run from inside it; else
    /// <c>koubou</c> in the user's data folder.
    /// </summary>
    public static KoubouHome Resolve(IConfiguration configuration)
    {
        var chosen = configuration[Variable];
        if (!string.IsNullOrWhiteSpace(chosen))
        {
            return new KoubouHome(Path.GetFullPath(chosen));
        }

        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, SolutionFile)))
            {
                return new KoubouHome(Path.Combine(folder.FullName, ".koubou"));
            }
        }

        var data = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return new KoubouHome(Path.Combine(data, "koubou"));
    }
}
