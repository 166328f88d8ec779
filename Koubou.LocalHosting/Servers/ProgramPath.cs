namespace Koubou.LocalHosting.Servers;

/// <summary>Where a program of this machine lies.</summary>
internal static class ProgramPath
{
    /// <summary>Its full path, or null when the PATH does not lead to it.</summary>
    public static string? Find(string program)
    {
        var names = OperatingSystem.IsWindows() ? [program + ".exe"] : (string[])[program];
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }
}
