namespace Koubou.Scheduler.Artifacts;

/// <summary>Files that tasks made, kept beside the database. Section <c>Queue:Artifacts</c>.</summary>
public sealed class ArtifactOptions
{
    public const string Section = "Queue:Artifacts";

    /// <summary>
    /// Where they lie; several schedulers that share a queue share this folder. Default: <c>artifacts</c> in the
    /// workshop's home.
    /// </summary>
    public string Folder { get; set; } = "";

    /// <summary>The largest file that is kept. From 1 KiB. Default: 64 MiB.</summary>
    public long FileBytesMax { get; set; } = 64L * 1024 * 1024;

    /// <summary>All files together; beyond it new ones are refused for a while. From 1 MiB. Default: 20 GiB.</summary>
    public long TotalBytesMax { get; set; } = 20L * 1024 * 1024 * 1024;

    /// <summary>
    /// How long a file may lie there before a task names it: a worker brings it before it reports. From 1 minute.
    /// Default: 2 days.
    /// </summary>
    public TimeSpan UnreferencedAfter { get; set; } = TimeSpan.FromDays(2);

    /// <summary>Pause between two cleanings. From 1 second to 1 day. Default: 1 hour.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromHours(1);
}
