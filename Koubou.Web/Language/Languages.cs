using Microsoft.AspNetCore.Localization;

namespace Koubou.Web.Language;

/// <summary>English and Japanese: chosen by the browser's wish, or by the switch, which sets a cookie.</summary>
internal static class Languages
{
    /// <summary>Also written by <c>wwwroot/js/koubou.js</c>.</summary>
    public const string CookieName = "koubou-language";

    private static readonly string[] All = ["en", "ja"];

    public static void AddLanguages(this IServiceCollection services)
    {
        services.AddLocalization();
        services.Configure<RequestLocalizationOptions>(options =>
        {
            options.SetDefaultCulture(All[0]).AddSupportedCultures(All).AddSupportedUICultures(All);
            options.RequestCultureProviders =
            [
                new CookieRequestCultureProvider { CookieName = CookieName },
                new AcceptLanguageHeaderRequestCultureProvider(),
            ];
        });
    }
}
