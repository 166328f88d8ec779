namespace Koubou.Worker.Backends.AgentCli.Workplaces;

/// <summary>Where one agent works on one attempt; removed with all that is in it.</summary>
/// <param name="Root">Holds everything of this run.</param>
/// <param name="Folder">The agent's working folder.</param>
/// <param name="Tree">What is compared for the patch. Null: the folder is only read.</param>
internal sealed record Workplace(string Root, string Folder, GitTree? Tree) : IDisposable
{
    /// <summary>For temporary files.</summary>
    public string Temporary => Path.Combine(Root, "tmp");

    /// <summary>A home for the program, so that it leaves the user's alone.</summary>
    public string Home => Path.Combine(Root, "home");

    /// <summary>A file beside the working folder.</summary>
    public string File(string name) => Path.Combine(Root, name);

    public void Dispose()
    {
        try
        {
            MakeRemovable();
            Directory.Delete(Root, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Left for the next worker that starts here, which clears up after dead ones.
        }
    }

    // Build tools like to leave folders that nobody may write.
    private void MakeRemovable()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var every = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var folder in Directory.EnumerateDirectories(Root, "*", every))
        {
            System.IO.File.SetUnixFileMode(
                folder, System.IO.File.GetUnixFileMode(folder) | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
