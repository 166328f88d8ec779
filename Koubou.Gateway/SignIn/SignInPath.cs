namespace Koubou.Gateway.SignIn;

/// <summary>Where one signs in; the only paths of the dashboard that need no key.</summary>
internal static class SignInPath
{
    public const string Page = SessionCookie.Folder + "/sign-in";
    public const string Session = SessionCookie.Folder + "/session";
    public const string End = SessionCookie.Folder + "/session/end";

    public static bool Is(PathString path) =>
        path.Equals(Page, StringComparison.OrdinalIgnoreCase)
        || path.Equals(Session, StringComparison.OrdinalIgnoreCase)
        || path.Equals(End, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a browser asks for a page of the dashboard, and may be led to the sign-in.</summary>
    public static bool LeadsFrom(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && request.Path.StartsWithSegments(SessionCookie.Folder, StringComparison.OrdinalIgnoreCase)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static string For(HttpRequest request) =>
        $"{Page}?to={Uri.EscapeDataString(request.Path + request.QueryString)}";

    /// <summary>Only into the dashboard: a link from elsewhere must not send anyone on to another site.</summary>
    public static string Safe(string? to) =>
        to is not null && (to == SessionCookie.Folder || to.StartsWith(SessionCookie.Folder + "/", StringComparison.Ordinal))
        && !to.Contains('\\', StringComparison.Ordinal) && !to.Any(char.IsControl) && !to.StartsWith(Page, StringComparison.OrdinalIgnoreCase)
            ? to
            : SessionCookie.Folder;
}
