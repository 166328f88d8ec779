using Koubou.ServiceDefaults.Home;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Koubou.Web.Security;

/// <summary>The keys that protect cookies and circuits: kept in the home, so that a restart signs nobody out.</summary>
internal static class KeyRing
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static void AddKeyRing(this WebApplicationBuilder builder)
    {
        builder.Services.AddDataProtection().SetApplicationName("Koubou.Web");
        builder.Services.AddOptions<KeyManagementOptions>().Configure<KoubouHome, ILoggerFactory>((options, home, logs) =>
            options.XmlRepository = new FileSystemXmlRepository(Folder(home), logs));

        // It warns that the keys are not encrypted on disk: the folder is the owner's alone.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
    }

    private static DirectoryInfo Folder(KoubouHome home)
    {
        var path = Path.Combine(home.Config, "keys");
        return OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path)
            : Directory.CreateDirectory(path, OwnerOnly);
    }
}
