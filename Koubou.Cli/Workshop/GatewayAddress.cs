using System.CommandLine;

namespace Koubou.Cli.Workshop;

/// <summary>Where the workshop is and who asks: what every command that speaks to it takes.</summary>
internal static class GatewayAddress
{
    public const string UrlVariable = "KOUBOU_URL";

    /// <summary>A key has no option: options show in the list of processes.</summary>
    public const string KeyVariable = "KOUBOU_API_KEY";

    private const string Usual = "http://localhost:8765";

    public static Option<Uri> CreateOption()
    {
        var option = new Option<Uri>("--url")
        {
            Description = $"The workshop's address. Default: the variable {UrlVariable}, else {Usual}.",
            DefaultValueFactory = _ => new Uri(Environment.GetEnvironmentVariable(UrlVariable) ?? Usual),
            CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url)
                && url.Scheme is "http" or "https"
                    ? url
                    : Refuse(result),
        };
        return option;
    }

    /// <summary>A client for that address with the key of the environment, if there is one. Waits as long as it takes.</summary>
    public static HttpClient CreateClient(Uri url)
    {
        // What is said to a workshop on this machine stays on it, whatever proxy the environment names.
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !url.IsLoopback })
        {
            BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        return http;
    }

    private static Uri? Refuse(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError($"--url is '{result.Tokens[0].Value}'. Allowed: an address such as {Usual}.");
        return null;
    }
}
