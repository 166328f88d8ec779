using Koubou.Gateway.Keys;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Keys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Koubou.Gateway.SignIn;

/// <summary>The dashboard's sign-in with a key.</summary>
internal static class SignInExtensions
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        // The seals of cookies are kept in the home, so that a restart signs nobody out.
        builder.Services.AddDataProtection().SetApplicationName("Koubou.Gateway");
        builder.Services.AddOptions<KeyManagementOptions>().Configure<KoubouHome, ILoggerFactory>((options, home, logs) =>
            options.XmlRepository = new FileSystemXmlRepository(Folder(home), logs));

        // It warns that they are not encrypted on disk: the folder is the owner's alone.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddSingleton<SessionCookie>();
    }

    public static void MapSignIn(this WebApplication app)
    {
        app.MapGet(SignInPath.Page, SignInPage.ShowAsync).Needs(KeyScopes.None).ExcludeFromDescription();
        app.MapPost(SignInPath.Session, SignInPage.BeginAsync).Needs(KeyScopes.None).DisableAntiforgery().ExcludeFromDescription();
        app.MapPost(SignInPath.End, SignInPage.End).Needs(KeyScopes.None).DisableAntiforgery().ExcludeFromDescription();
    }

    private static DirectoryInfo Folder(KoubouHome home)
    {
        var path = Path.Combine(home.Config, "gateway-seals");
        return OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path)
            : Directory.CreateDirectory(path, OwnerOnly);
    }
}
