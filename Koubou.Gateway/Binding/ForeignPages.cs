namespace Koubou.Gateway.Binding;

/// <summary>
/// CORS: without configured origins no page of another origin may read an answer, which is the browser's own rule. A
/// configured one may, with its key in a header; cookies and passwords that the browser keeps are never sent along.
/// </summary>
internal static class ForeignPages
{
    private static readonly string[] Exposed =
        ["Location", "Retry-After", "Mcp-Session-Id", "X-Koubou-Simulated", "Content-Range", "ETag"];

    public static void AddForeignPages(this WebApplicationBuilder builder)
    {
        var origins = Origins(builder.Configuration);
        if (origins.Length > 0)
        {
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
                .WithOrigins(origins)
                .AllowAnyHeader()
                .AllowAnyMethod()
                .WithExposedHeaders(Exposed)
                .SetPreflightMaxAge(TimeSpan.FromHours(1))));
        }
    }

    /// <summary>Before the keys: a browser's question whether it may ask carries none.</summary>
    public static void UseForeignPages(this WebApplication app)
    {
        if (Origins(app.Configuration).Length > 0)
        {
            app.UseCors();
        }
    }

    private static string[] Origins(IConfiguration configuration) =>
        [.. (configuration.GetSection(OriginOptions.Section).Get<OriginOptions>()?.AllowedOrigins ?? []).Select(origin => origin.TrimEnd('/'))];
}
