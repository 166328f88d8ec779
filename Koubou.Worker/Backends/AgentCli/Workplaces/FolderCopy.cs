using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.AgentCli.Workplaces;

/// <summary>Copies a folder within a bound. Links are not followed: they could lead out of it.</summary>
internal static class FolderCopy
{
    private static readonly EnumerationOptions Every = new()
    {
        RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true,
    };

    public static void Copy(string source, string target, long bytesMax, CancellationToken stop)
    {
        var bytes = 0L;
        foreach (var file in new DirectoryInfo(source).EnumerateFiles("*", Every))
        {
            stop.ThrowIfCancellationRequested();
            bytes += file.Length;
            if (bytes > bytesMax)
            {
                throw TaskFailureException.Permanent(
                    "folder_too_large",
                    $"The folder {source} holds more than {bytesMax / (1024 * 1024)} MiB, too much to copy for an agent. Make it a "
                    + "git repository (git init, then commit), or raise Koubou:Worker:Agents:CopyBytesMax.");
            }

            var copy = Path.Combine(target, Path.GetRelativePath(source, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            file.CopyTo(copy);
        }
    }
}
