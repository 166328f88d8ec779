using System.Text.RegularExpressions;

namespace Koubou.AppHost.Tests.Habits;

/// <summary>One file of ours.</summary>
/// <param name="Path">From the solution's folder.</param>
/// <param name="Text">All of it.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    public string Project => Path.Split('/')[0];

    /// <summary>The code without its comments.</summary>
    public string Code { get; } = Comment().Replace(Text, "");

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    [GeneratedRegex(@"(?<!:)//.*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Comment();
}
