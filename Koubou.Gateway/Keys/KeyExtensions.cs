namespace Koubou.Gateway.Keys;

internal static class KeyExtensions
{
    public static void AddKeys(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(KeyRing.Read(builder.Configuration));

    /// <summary>Every door needs a key once one is set.</summary>
    public static void UseKeys(this WebApplication app) => app.UseMiddleware<KeyGuard>();
}
