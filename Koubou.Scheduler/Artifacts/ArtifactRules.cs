using Koubou.Contracts;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Artifacts;

/// <summary>What makes an artifact acceptable before its bytes are seen.</summary>
internal static class ArtifactRules
{
    private const int NameMax = 200;

    public static List<Fault> FindFaults(Artifact? artifact, long bytesMax)
    {
        var faults = new List<Fault>();
        if (artifact is null)
        {
            faults.Add(new Fault("artifact", "is missing from the first message; it gives the file its name"));
            return faults;
        }

        // Others write it to their disks under this name.
        if (artifact.Name.Length is 0 or > NameMax || artifact.Name is "." or ".."
            || artifact.Name.Any(letter => char.IsControl(letter) || letter is '/' or '\\' or ':'))
        {
            faults.Add(new Fault("artifact.name", $"must be a file name of 1 to {NameMax} characters, without a path"));
        }

        if (artifact.MediaType.Length > NameMax || artifact.MediaType.Any(char.IsControl))
        {
            faults.Add(new Fault("artifact.media_type", "must be a media type such as text/plain"));
        }

        if (artifact.SizeBytes > bytesMax)
        {
            faults.Add(TooLarge(bytesMax));
        }

        if (artifact.Sha256.Length > 0 && !ArtifactHash.IsHash(artifact.Sha256))
        {
            faults.Add(new Fault("artifact.sha256", "must be 64 hexadecimal digits in lower case"));
        }

        return faults;
    }

    public static Fault TooLarge(long bytesMax) => new(
        "artifact.size_bytes", $"is more than the {bytesMax:N0} bytes that a file may have (Queue:Artifacts:FileBytesMax)",
        Fault.TooLarge);
}
