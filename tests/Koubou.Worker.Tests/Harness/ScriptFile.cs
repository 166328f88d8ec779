namespace Koubou.Worker.Tests.Harness;

/// <summary>Shell scripts that play agents.</summary>
internal static class ScriptFile
{
    public static async Task WriteAsync(string file, string text)
    {
        await File.WriteAllTextAsync(file, "#!/bin/bash\n" + text + "\n");
#pragma warning disable CA1416 // Scripts with a #! line are for Unix anyway.
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
    }
}
