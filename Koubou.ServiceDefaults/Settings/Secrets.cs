using System.Text.RegularExpressions;

namespace Koubou.ServiceDefaults.Settings;

/// <summary>The one rule of what a shown setting keeps to itself: by its name, and by what stands in its value.</summary>
public static partial class Secrets
{
    /// <summary>What stands for a secret that is set.</summary>
    public const string Hidden = "•••";

    private static readonly string[] Words =
        ["key", "secret", "password", "passphrase", "passwd", "pwd", "token", "credential", "authorization", "cookie", "headers"];

    // How many tokens a model may write, and where a program tells their number.
    private static readonly string[] Harmless = ["tokensmax", "tokenspath"];

    /// <summary>Whether the name alone says that the value is nobody's business. Sample: <c>ApiKey</c>.</summary>
    public static bool IsNamed(string name) =>
        Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))
            && !Harmless.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))
        // The environment of a program that is started. Sample: mcp_servers.files.env
        || name.Split('.', ':').Contains("env", StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// A text without the secrets in it: who signs in at an address, <c>password=…</c> of a connection, keys of known makes.
    /// Sample: <c>http://•••@10.0.0.7:11434</c>.
    /// </summary>
    public static string Cover(string text)
    {
        try
        {
            text = UserInfo().Replace(text, Hidden + "@");
            text = Scheme().Replace(text, "${scheme} " + Hidden);
            text = Pair().Replace(text, "${name}" + Hidden);
            return KnownMake().Replace(text, Hidden);
        }
        catch (RegexMatchTimeoutException)
        {
            // What cannot be looked through is not shown.
            return Hidden;
        }
    }

    /// <summary>The arguments of a program, each covered; what follows a flag such as <c>--api-key</c> is hidden whole.</summary>
    public static IEnumerable<string> Cover(IEnumerable<string> arguments)
    {
        var isNamed = false;
        foreach (var argument in arguments)
        {
            yield return isNamed && !argument.StartsWith('-') ? Hidden : Cover(argument);
            isNamed = argument.StartsWith('-') && !argument.Contains('=', StringComparison.Ordinal) && IsNamed(argument);
        }
    }

    [GeneratedRegex(@"(?<=://)\S*@", RegexOptions.None, 1_000)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"\b(?<scheme>Bearer|Basic)\s+[^\s""',;]+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Scheme();

    [GeneratedRegex(
        @"(?<name>(?<![\w.-])[\w.-]*(?:key|secret|password|passphrase|passwd|pwd|token|credential|authorization|cookie)[\w.-]*[""']?\s*[=:]\s*)"
        + @"(?:""(?:\\.|[^""\\])*""?|'[^']*'?|[^,;&\s""']+)",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Pair();

    [GeneratedRegex(
        @"\b(?:(?:sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|hf|xox[abprs])[-_][\w-]{8,}|A(?:KIA|SIA|Iza)[\w-]{12,}|eyJ[\w-]+\.[\w-]+\.[\w-]*)",
        RegexOptions.None, 1_000)]
    private static partial Regex KnownMake();
}
