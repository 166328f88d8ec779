using System.Text.RegularExpressions;

namespace Koubou.AppHost.Tests.Habits;

/// <summary>Our own source, read as text: what no analyzer asks for can be asked of it.</summary>
internal static partial class SourceTree
{
    private static readonly Lazy<IReadOnlyList<SourceFile>> Files = new(Read);

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All files of the projects that are shipped.</summary>
    public static IEnumerable<SourceFile> Product => Files.Value.Where(file => file.Project.StartsWith("Koubou.", StringComparison.Ordinal));

    public static IEnumerable<SourceFile> Tests => Files.Value.Where(file => file.Path.StartsWith("tests/", StringComparison.Ordinal));

    public static IEnumerable<SourceFile> All => Files.Value;

    private static List<SourceFile> Read() => [.. Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
        .Select(path => System.IO.Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Where(path => !Made().IsMatch(path))
        .Order(StringComparer.Ordinal)
        .Select(path => new SourceFile(path, File.ReadAllText(System.IO.Path.Combine(Root, path))))];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Koubou.Aspire.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The solution's folder was not found.");
        }

        return folder.FullName;
    }

    [GeneratedRegex("(^|/)(bin|obj|artifacts|node_modules)/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Made();
}
