using MudBlazor;

namespace Koubou.Web.Theme;

/// <summary>
/// What MudBlazor must know of our look. Colours are not among it: <c>wwwroot/css/palette.css</c> maps its palette to our
/// own, so that light and dark change in the browser, without a round trip and without a flash.
/// </summary>
internal static class KoubouTheme
{
    public static MudTheme Value { get; } = new()
    {
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = ["var(--font-text)"], FontSize = "0.9375rem" },
            Button = new ButtonTypography { TextTransform = "none", FontWeight = "600" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
    };
}
