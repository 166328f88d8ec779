using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Koubou.AppHost.Tests.Habits;

/// <summary>What we agreed on and no compiler checks. A rule that makes code worse goes; a file that breaks one is named.</summary>
public sealed partial class HabitTests
{
    // Programs that a person starts by hand speak to that person; where a service cannot even start, there is no log; and the
    // relay is a child whose standard error its worker reads.
    private static readonly string[] Talking =
    [
        "Koubou.AppHost/", "Koubou.LocalHosting/", "Koubou.Cli/", "Koubou.ServiceDefaults/Hosting/KoubouService.cs",
        "Koubou.Worker/Processes/Relays/RelayProgram.cs",
    ];

    // These measure their own patience with other processes, before there is a clock to inject.
    private static readonly string[] OwnPatience = ["Koubou.LocalHosting"];

    [Fact]
    public void Time_ComesFromTheInjectedClock() => AssertNone(
        SourceTree.Product.Where(file => !OwnPatience.Contains(file.Project)), SystemClock(), "read the system's clock");

    [Fact]
    public void Threads_NeverSleep() => AssertNone(SourceTree.All, Sleep(), "put a thread to sleep");

    [Fact]
    public void Services_WriteToTheLog_NotToTheConsole() => AssertNone(
        SourceTree.Product.Where(file => !Array.Exists(Talking, file.Path.StartsWith)), ConsoleWrite(), "write to the console");

    [Fact]
    public void LogLines_AreGenerated() => AssertNone(SourceTree.Product, PlainLog(), "log without a generated method");

    [Fact]
    public void Nothing_IsAsyncVoid() => AssertNone(SourceTree.Product, AsyncVoid(), "have an async void method");

    [Fact]
    public void Nothing_IsLeftToDo() => AssertNone(SourceTree.Product, Unfinished(), "are not finished");

    [Fact]
    public void Tests_AreNeverSkipped() => AssertNone(SourceTree.Tests, Skipped(), "skip a test");

    // A file that adds to two namespaces of a hosting API has no other way.
    [Fact]
    public void Namespaces_AreOfTheWholeFile() => AssertNone(
        SourceTree.All.Where(file => file.Project != "Koubou.LocalHosting"), BlockNamespace(), "open a block for their namespace");

    [Fact]
    public void Folders_AreNamedForWhatTheSystemDoes() =>
        Assert.DoesNotContain(SourceTree.All.Select(file => file.Path), path => KindOfTypeFolder().IsMatch(path));

    [Fact]
    public void Classes_AreSealed_UnlessOthersInheritThem()
    {
        var bases = SourceTree.All.SelectMany(file => Base().Matches(file.Code)).Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);

        var open = SourceTree.Product.SelectMany(file => OpenClass().Matches(file.Code)
            .Select(match => match.Groups["name"].Value)
            .Where(name => !bases.Contains(name))
            .Select(name => $"{file.Path}: {name}"));

        Assert.Empty(open);
    }

    [Fact]
    public void Fields_OfOneProject_AreNamedOneWay()
    {
        var mixed = SourceTree.Product
            .SelectMany(file => Field().Matches(file.Code).Select(match => (file.Project, Name: match.Groups["name"].Value)))
            .GroupBy(field => field.Project, StringComparer.Ordinal)
            .Where(fields => fields.Select(field => field.Name.StartsWith('_')).Distinct().Count() > 1)
            .Select(fields => fields.Key);

        Assert.Empty(mixed);
    }

    [Fact]
    public void Services_SpeakByTheContract_AndReferToNoOtherService()
    {
        string[] services = ["Koubou.Gateway", "Koubou.Scheduler", "Koubou.Worker", "Koubou.Web"];

        var knots = services.SelectMany(service => References(service)
            .Intersect(services, StringComparer.Ordinal)
            .Select(other => $"{service} refers to {other}"));

        Assert.Empty(knots);
    }

    [Fact]
    public void Packages_HaveTheirVersionsInOneFile() => Assert.DoesNotContain(
        Directory.EnumerateFiles(SourceTree.Root, "*.csproj", SearchOption.AllDirectories),
        path => XDocument.Load(path).Descendants("PackageReference").Any(one => one.Attribute("Version") is not null));

    [Fact]
    public void Guides_ExistInBothLanguages()
    {
        var guides = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs", "guides"), "*.md").ToList();

        Assert.DoesNotContain(guides, path => !path.EndsWith(".ja.md", StringComparison.Ordinal)
            && !guides.Contains(Path.ChangeExtension(path, ".ja.md")));
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Path.Combine(SourceTree.Root, project, $"{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

    private static void AssertNone(IEnumerable<SourceFile> files, Regex habit, string does)
    {
        var breaking = files.Where(file => habit.IsMatch(file.Code)).Select(file => file.Path).ToList();

        Assert.True(breaking.Count == 0, $"These files {does}: {string.Join(", ", breaking)}");
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bStopwatch\.StartNew\b|\bEnvironment\.TickCount", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex SystemClock();

    [GeneratedRegex(@"\bThread\.Sleep\(", RegexOptions.None, 5000)]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bConsole\.(Out|Error|Write)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex ConsoleWrite();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex PlainLog();

    [GeneratedRegex(@"\basync void\b", RegexOptions.None, 5000)]
    private static partial Regex AsyncVoid();

    [GeneratedRegex(@"\bNotImplementedException\b", RegexOptions.None, 5000)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\[(Fact|Theory)\([^)]*\bSkip\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Skipped();

    [GeneratedRegex(@"^namespace [\w.]+\s*\{?\s*$", RegexOptions.Multiline, 5000)]
    private static partial Regex BlockNamespace();

    [GeneratedRegex("/(Helpers?|Models|Utils?|Utilities|Common|Misc|Managers|Extensions|Interfaces)/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KindOfTypeFolder();

    [GeneratedRegex(@"^(public|internal) (partial )?class (?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex OpenClass();

    [GeneratedRegex(@"[:,]\s*(?<name>[A-Z]\w+)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Base();

    [GeneratedRegex(
        @"^    private (readonly |volatile )*(?!static|const|sealed|class|record|enum|struct|partial|async|protected|ref )[\w<>\[\]?., ()]+ (?<name>\w+)( = .*)?;$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10000)]
    private static partial Regex Field();
}
