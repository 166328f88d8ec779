using Aspire.Hosting;

namespace Koubou.LocalHosting.Servers;

/// <summary>Where a server that runs with the workshop keeps its data: <c>db/{server}</c> of the workshop's home.</summary>
internal static class ServerFolder
{
    public static string Create(IDistributedApplicationBuilder builder, string server)
    {
        var home = builder.Configuration["KOUBOU_HOME"] is { Length: > 0 } chosen
            ? Path.GetFullPath(chosen)
            : Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "..", ".koubou"));
        return Directory.CreateDirectory(Path.Combine(home, "db", server)).FullName;
    }
}
