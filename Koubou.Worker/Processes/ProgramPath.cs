namespace Koubou.Worker.Processes;

/// <summary>Finds a program as a shell would.</summary>
internal static class ProgramPath
{
    private static readonly string[] WindowsEndings = [".exe", ".cmd", ".bat"];

    /// <summary>The full path, or null.</summary>
    public static string? Find(string program, string path)
    {
        if (program.Length == 0)
        {
            return null;
        }

        if (program.Contains('/') || program.Contains(Path.DirectorySeparatorChar))
        {
            return Candidates(Path.GetFullPath(program)).FirstOrDefault(IsProgram);
        }

        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => Candidates(Path.Combine(folder, program)))
            .FirstOrDefault(IsProgram);
    }

    private static IEnumerable<string> Candidates(string file) => OperatingSystem.IsWindows()
        ? WindowsEndings.Select(ending => file + ending).Prepend(file)
        : [file];

    private static bool IsProgram(string file) =>
        File.Exists(file)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(file)
                & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None);
}
