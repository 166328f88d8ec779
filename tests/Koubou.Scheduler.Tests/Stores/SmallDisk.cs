using System.Diagnostics;
using System.Globalization;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>A disk of a few megabytes (tmpfs), which is really full when it is.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("koubou-disk-").FullName;

    private SmallDisk()
    {
    }

    /// <summary>A folder on the disk, to be filled.</summary>
    public string Home => Path.Combine(_mount, "home");

    private string Ballast => Path.Combine(_mount, "ballast");

    /// <summary>Mounts one, which needs the rights of root.</summary>
    public static SmallDisk Mount(int megabytes)
    {
        var disk = new SmallDisk();
        Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", disk._mount);
        Directory.CreateDirectory(disk.Home);
        return disk;
    }

    /// <summary>Takes room away, which <see cref="MakeRoom"/> gives back.</summary>
    public void TakeRoom(int bytes) => File.WriteAllBytes(Ballast, new byte[bytes]);

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "--lazy", _mount);
        Directory.Delete(_mount);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}. A small disk needs the rights of root.");
    }
}
