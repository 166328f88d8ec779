using Koubou.ServiceDefaults.Settings;
using Koubou.Web.Charts;
using Koubou.Web.Language;
using Koubou.Web.Pages.OneTask;
using Koubou.Web.Pages.Settings;
using Koubou.Web.Security;
using Microsoft.AspNetCore.HttpOverrides;
using MudBlazor.Services;

namespace Koubou.Web.Shell;

/// <summary>The pages, their assets and everything that a request passes on the way to them.</summary>
public static class DashboardFeatures
{
    /// <summary>Where the dashboard lives, behind the gateway and alone.</summary>
    public const string PathBase = "/dashboard";

    private const long MessageBytesMax = 4 * 1024 * 1024;

    public static void AddDashboard(this WebApplicationBuilder builder)
    {
        // Started from its build output it is not in Development, but the assets of packages still lie in their folders.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddOptions<GatewayOptions>().BindSettings(GatewayOptions.Section)
            .Validate(
                options => options.Address.IsAbsoluteUri && options.Address.Scheme is "http" or "https",
                $"{GatewayOptions.Section}:Address must be an absolute http or https address.")
            .ValidateOnStart();
        builder.Services.AddOptions<CloudPriceOptions>().BindSettings(CloudPriceOptions.Section)
            .Validate(
                options => options is { PromptPerMillion: >= 0, CompletionPerMillion: >= 0, Currency.Length: > 0 },
                $"{CloudPriceOptions.Section}: the prices must not be negative, and Currency must be a word such as USD.")
            .ValidateOnStart();
        builder.Services.AddOptions<TraceViewerOptions>().BindSettings(TraceViewerOptions.Section)
            .Validate(
                options => TraceViewerOptions.IsValid(options.Address),
                $"{TraceViewerOptions.Section}:Address must be an http address with {{traceId}} in it, or empty.")
            .ValidateOnStart();
        builder.Services.AddSingleton<WebSettings>();
        // A prompt may have a mebibyte, and comes from the form in one message.
        builder.Services.AddRazorComponents().AddInteractiveServerComponents()
            .AddHubOptions(options => options.MaximumReceiveMessageSize = MessageBytesMax);
        builder.Services.AddMudServices();
        builder.Services.AddLanguages();
        builder.AddKeyRing();

        // The gateway on this machine says which address the browser used; other senders are not believed.
        builder.Services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders =
            ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost);
    }

    public static void UseDashboard(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UsePathBase(PathBase);
        app.Use(KeepBelowPathBase);
        app.UsePageHeaders();
        app.UseRequestLocalization();
        // An address that leads nowhere gets a page that says so, and stays a 404.
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UseRouting();
        app.UseAntiforgery();
    }

    public static void MapDashboard(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapArtifacts();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(
            options => options.ContentSecurityFrameAncestorsPolicy = null);
    }

    // A page outside its base address would load and then fail in the browser.
    private static Task KeepBelowPathBase(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        if (context.Request.PathBase.HasValue || path == "/health" || path == "/alive")
        {
            return next(context);
        }

        if (path == "/")
        {
            context.Response.Redirect(PathBase);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }

        return Task.CompletedTask;
    }
}
