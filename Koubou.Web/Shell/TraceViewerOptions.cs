namespace Koubou.Web.Shell;

/// <summary>Where traces can be looked at. Section <c>Koubou:Web:TraceViewer</c>.</summary>
public sealed class TraceViewerOptions
{
    public const string Section = "Koubou:Web:TraceViewer";

    private const string Place = "{traceId}";

    /// <summary>
    /// The address of one trace, with <c>{traceId}</c> in its place: <c>http://localhost:16686/trace/{traceId}</c>.
    /// Default: none, and the trace's id is shown without a link.
    /// </summary>
    public string Address { get; set; } = "";

    /// <summary>Empty, or an http address that names the trace.</summary>
    public static bool IsValid(string address) => address.Length == 0
        || (address.Contains(Place, StringComparison.Ordinal)
            && Uri.TryCreate(address.Replace(Place, "0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https");

    public string? Of(string traceId) => Address.Length == 0
        ? null
        : Address.Replace(Place, Uri.EscapeDataString(traceId), StringComparison.Ordinal);
}
