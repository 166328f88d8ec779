namespace Koubou.Worker.Tests.Harness;

/// <summary>The real Codex CLI, which test.sh installs into tests/codex.</summary>
internal static class CodexProgramFile
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var modules = System.IO.Path.Combine(folder.FullName, "tests", "codex", "node_modules");
            if (Directory.Exists(modules))
            {
                // The program itself: the one in .bin is a script that needs a Node to start it.
                return Directory.EnumerateFiles(modules, "codex", SearchOption.AllDirectories)
                    .First(file => file.EndsWith("/bin/codex", StringComparison.Ordinal) && !file.Contains("/.bin/", StringComparison.Ordinal));
            }
        }

        throw new InvalidOperationException("Codex CLI is not installed for the tests. Run ./test.sh, or: npm ci --prefix tests/codex");
    }
}
