namespace Koubou.Gateway.Mcp.Resources;

/// <summary>The addresses of what clients can read.</summary>
internal static class TaskUris
{
    public const string Status = "koubou://status";
    public const string TaskTemplate = "koubou://tasks/{id}";
    public const string OutputTemplate = "koubou://tasks/{id}/output";
    public const string ArtifactTemplate = "koubou://tasks/{id}/artifacts/{name}";

    private const string Prefix = "koubou://tasks/";

    public static string Task(string id) => Prefix + id;

    public static string Output(string id) => $"{Prefix}{id}/output";

    /// <summary>The task that an address is about; null for the workshop's and for what is none.</summary>
    public static string? TaskIdOf(string uri) =>
        uri.StartsWith(Prefix, StringComparison.Ordinal) ? uri[Prefix.Length..].Split('/')[0] : null;
}
