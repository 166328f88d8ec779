using Microsoft.AspNetCore.OpenApi;
using Scalar.AspNetCore;

namespace Koubou.Gateway.OpenApi;

/// <summary>The API document at <c>/openapi/v1.json</c> and the page to try it at <c>/docs</c>.</summary>
internal static class DocumentExtensions
{
    private const string DocumentName = "v1";
    private const string PagePath = "/docs";

    public static void AddApiDocument(this WebApplicationBuilder builder) =>
        builder.Services.AddOpenApi(DocumentName, options =>
        {
            options.AddDocumentTransformer<WorkshopInfo>();
            options.AddOperationTransformer<RequestNotes>();
        });

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi();
        app.MapScalarApiReference(PagePath, scalar => scalar
            .WithTitle("Koubou API")
            .DisableDefaultFonts()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools()
            .WithNonce()).ExcludeFromDescription();
    }

    /// <summary>The page may load nothing but what this service itself serves, whatever its script would like.</summary>
    public static void UseDocumentPolicy(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(PagePath))
        {
            context.Response.OnStarting(() =>
            {
                var nonce = context.Items[ScalarOptions.NonceHttpContextItemKey];
                context.Response.Headers.ContentSecurityPolicy =
                    $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
                    + "img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'self'";
                return Task.CompletedTask;
            });
        }

        return next(context);
    });
}
