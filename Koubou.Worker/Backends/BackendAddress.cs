namespace Koubou.Worker.Backends;

/// <summary>Reads a backend's address; it always ends with a slash, so that paths join it.</summary>
internal static class BackendAddress
{
    public static Uri Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is no address of a model server.");

    public static bool TryParse(string text, out Uri address)
    {
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var parsed)
            || (parsed.Scheme != Uri.UriSchemeHttp && parsed.Scheme != Uri.UriSchemeHttps)
            || parsed.Host.Length == 0 || parsed.UserInfo.Length > 0 || parsed.Query.Length > 0)
        {
            address = new Uri("http://localhost/");
            return false;
        }

        address = new UriBuilder(parsed) { Path = parsed.AbsolutePath.TrimEnd('/') + "/" }.Uri;
        return true;
    }
}
